import { isUtf8 } from 'node:buffer';
import { jsonBytes } from '@millrace/schema';
import { RequestError } from '../errors';
import { BodyShape } from './bodyFormat';
import { EventText } from './eventText';
import { judgeEvent, Judgement, JudgementContext, refuse } from './judgeEvent';
import { Pacer } from './pacer';
import { Recognizer } from './recognizer';
import { skipValue } from './skipValue';

const { NO_MATCH, skipSpace } = jsonBytes;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;

/** Explaining costs about so many times what recognising does, per byte. */
const EXPLAINING_FACTOR = 16;
/** And so much per event, in bytes recognised. */
const EXPLAINING_COST = 10_000;

/** What bodies are judged with. */
export interface Judging extends JudgementContext {
  recognizer: Recognizer;
  pacer: Pacer;
}

/**
 * Takes a body apart into events and judges each, looking at its bytes once.
 * Pauses now and then, so that a large body does not hold up other requests.
 *
 * @throws RequestError `invalid_json`, `not_a_batch` or `batch_too_many_events`
 */
export async function judgeBody(
  body: Buffer,
  shape: BodyShape,
  judging: Judging,
): Promise<Judgement[]> {
  const isWellFormed = isUtf8(body);
  if (shape === 'lines') {
    return judgeLines(body, isWellFormed, judging);
  }
  if (!isWellFormed) {
    throw new RequestError('invalid_json', 'The body is not valid UTF-8');
  }
  const first = skipSpace(body, 0);
  if (shape !== 'single' && body[first] === OPEN_LIST) {
    return judgeList(body, first, judging);
  }
  if (shape === 'batch' || body[first] !== OPEN_OBJECT) {
    throw notABatch(body, shape);
  }
  const { judgement, end } = judgeAt(body, first, hasLineBreaks(body), judging);
  if (skipSpace(body, end) !== body.length) {
    throw invalidJson();
  }
  return [judgement];
}

async function judgeList(
  body: Buffer,
  open: number,
  judging: Judging,
): Promise<Judgement[]> {
  const judgements: Judgement[] = [];
  const hasBreaks = hasLineBreaks(body);
  let at = skipSpace(body, open + 1);
  while (body[at] !== CLOSE_LIST || judgements.length > 0) {
    const { judgement, end, cost } = judgeAt(body, at, hasBreaks, judging);
    add(judgements, judgement, judging);
    at = skipSpace(body, end);
    if (body[at] === CLOSE_LIST) {
      break;
    }
    if (body[at] !== COMMA) {
      throw invalidJson();
    }
    at = skipSpace(body, at + 1);
    if (judging.pacer.spend(cost)) {
      await judging.pacer.pause();
    }
  }
  if (skipSpace(body, at + 1) !== body.length) {
    throw invalidJson();
  }
  return required(judgements);
}

/** One event per line: a broken line is refused alone. */
async function judgeLines(
  body: Buffer,
  isWellFormed: boolean,
  judging: Judging,
): Promise<Judgement[]> {
  const judgements: Judgement[] = [];
  for (let start = 0; start < body.length; ) {
    const lineFeed = body.indexOf(LINE_FEED, start);
    const lineEnd = lineFeed === -1 ? body.length : lineFeed;
    const text = trimmed(body, start, lineEnd);
    if (text.start < text.end) {
      const isText =
        isWellFormed || isUtf8(body.subarray(text.start, text.end));
      const end = isText
        ? recognise(text.bytes, text.start, judging)
        : NO_MATCH;
      const judgement =
        end === text.end
          ? accepted(text, judging)
          : judgeLine(text, isText, judging);
      add(judgements, judgement, judging);
      const cost =
        end === text.end ? text.end - text.start : explainingCost(text);
      if (judging.pacer.spend(cost)) {
        await judging.pacer.pause();
      }
    }
    start = lineEnd + 1;
  }
  return required(judgements);
}

function judgeLine(
  text: EventText,
  isText: boolean,
  judging: Judging,
): Judgement {
  try {
    if (isText) {
      return judgeEvent(text, judging);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
  }
  const message = isText
    ? 'The line is not valid JSON'
    : 'The line is not valid UTF-8';
  return refuse(text, undefined, { reason: 'invalid_json', message }, judging);
}

function judgeAt(
  body: Buffer,
  start: number,
  hasBreaks: boolean,
  judging: Judging,
): { judgement: Judgement; end: number; cost: number } {
  const recognised = recognise(body, start, judging);
  if (recognised !== NO_MATCH) {
    const text = { bytes: body, start, end: recognised, hasBreaks };
    const cost = recognised - start;
    return { judgement: accepted(text, judging), end: recognised, cost };
  }
  const end = skipValue(body, start);
  if (end === NO_MATCH || end === start) {
    throw invalidJson();
  }
  try {
    const text = { bytes: body, start, end, hasBreaks };
    const judgement = judgeEvent(text, judging);
    return { judgement, end, cost: explainingCost(text) };
  } catch (error) {
    throw error instanceof SyntaxError ? invalidJson() : error;
  }
}

function explainingCost({ start, end }: EventText): number {
  return EXPLAINING_COST + (end - start) * EXPLAINING_FACTOR;
}

function recognise(bytes: Buffer, start: number, judging: Judging): number {
  const { recognizer, snapshot, writeKey, limits } = judging;
  const end = recognizer.match(bytes, start, snapshot, writeKey.eventTypes);
  return end - start > limits.maxEventBytes ? NO_MATCH : end;
}

function accepted(text: EventText, { recognizer }: Judging): Judgement {
  const { eventType } = recognizer;
  if (!eventType) {
    throw new Error('An event was recognised without an event type');
  }
  return { kind: 'accepted', eventType, text };
}

function add(
  judgements: Judgement[],
  judgement: Judgement,
  { limits }: Judging,
): void {
  judgements.push(judgement);
  if (judgements.length > limits.maxEventsPerRequest) {
    const value = limits.maxEventsPerRequest;
    throw new RequestError(
      'batch_too_many_events',
      `The batch holds more than ${value} events`,
      { limit: { name: 'maxEventsPerRequest', value } },
    );
  }
}

function required(judgements: Judgement[]): Judgement[] {
  if (judgements.length === 0) {
    throw new RequestError('not_a_batch', 'The batch holds no events');
  }
  return judgements;
}

function trimmed(bytes: Buffer, start: number, end: number): EventText {
  const first = Math.min(skipSpace(bytes, start), end);
  let last = end;
  while (last > first && bytes[last - 1] <= 0x20) {
    last -= 1;
  }
  return { bytes, start: first, end: last, hasBreaks: true };
}

function hasLineBreaks(body: Buffer): boolean {
  return body.includes(LINE_FEED) || body.includes(CARRIAGE_RETURN);
}

function notABatch(body: Buffer, shape: BodyShape): RequestError {
  try {
    JSON.parse(body.toString('utf8'));
  } catch {
    return invalidJson();
  }
  const expected = {
    batch: 'a list of CloudEvents',
    single: 'one CloudEvent, a JSON object',
    either: 'one CloudEvent or a list of them',
    lines: 'one CloudEvent per line',
  };
  return new RequestError('not_a_batch', `The body must be ${expected[shape]}`);
}

/** The parser's own message quotes the body. */
function invalidJson(): RequestError {
  return new RequestError('invalid_json', 'The body is not valid JSON');
}
