import type { SnapshotWriteKey } from '@millrace/ledger';
import { RequestError } from '../errors';
import { GatewayRequest, parseContentCoding, Reply } from '../http';
import { answer, countFates } from './answer';
import { isBinaryMode, structuredEvent } from './binaryMode';
import { BodyShape, parseContentType } from './bodyFormat';
import { cutText } from './eventText';
import { Intake } from './intake';
import { judgeBody } from './judgeBody';
import { Judgement, refused } from './judgeEvent';
import { publishJudgements } from './publishJudgements';
import {
  brokerUnavailable,
  requireBroker,
  requireSnapshot,
} from './requirements';

/** Bodies below it are judged at once; waiting in line would cost more. */
const SMALL_BODY_BYTES = 32 * 1024;

/**
 * Takes one request: authenticate, read, judge, publish, answer.
 *
 * Guarantees: nothing of a body is read before its write key is known to be
 * good; an event is answered as accepted only after the broker has committed
 * the batch that holds it; a refused one is answered as refused only after the
 * broker has committed the refusal; each event is answered by itself, whatever
 * its neighbours are; the bytes that are published are the bytes that came.
 *
 * @throws RequestError when the request as a whole cannot be taken
 */
export async function receiveEvents(
  request: GatewayRequest,
  intake: Intake,
): Promise<Reply> {
  const { access, metrics } = intake;
  const snapshot = requireSnapshot(intake.snapshot());
  const { headers } = request;
  const writeKey = access.authenticate(
    {
      authorization: headers.authorization,
      header: textOf(headers['x-write-key']),
      query: request.query.get('writeKey') ?? undefined,
    },
    request.address,
  );
  requireBroker(intake.isBrokerAway());
  request.countFor(writeKey.keyId);
  const isBinary = isBinaryMode(headers);
  const shape = isBinary ? 'single' : parseContentType(headers);
  const received = await request.readBody(parseContentCoding(headers));
  const charge = (amount: { events?: number; bytes?: number }) =>
    access.charge(writeKey, request.address, {
      events: 0,
      bytes: 0,
      ...amount,
    });
  // Before the work that a sender with too much to say would cause.
  charge({ bytes: received.length });
  const body = isBinary
    ? structuredEvent(headers, received, intake.limits)
    : received;

  const judging = { ...intake, snapshot, writeKey };
  let judgements: Judgement[];
  try {
    judgements = await judgeInTurn(body, shape, judging);
  } catch (error) {
    charge({ events: 1 });
    await keepUnreadable(error, body, writeKey, intake);
    throw error;
  }
  charge({ events: judgements.length });
  if (judgements.every(isForbidden)) {
    throw new RequestError(
      'write_key_not_allowed',
      'The write key may send none of these event types; nothing was stored',
    );
  }
  await publishJudgements(judgements, intake);
  countFates(judgements, metrics);
  return answer(judgements);
}

async function judgeInTurn(
  body: Buffer,
  shape: BodyShape,
  judging: Parameters<typeof judgeBody>[2] & Pick<Intake, 'turns'>,
): Promise<Judgement[]> {
  if (body.length <= SMALL_BODY_BYTES) {
    return judgeBody(body, shape, judging);
  }
  const { turns, writeKey } = judging;
  await turns.begin(writeKey.keyId);
  try {
    return await judgeBody(body, shape, judging);
  } finally {
    turns.end();
  }
}

function isForbidden(judgement: Judgement): boolean {
  return (
    judgement.kind === 'refused' &&
    judgement.reason === 'event_type_not_allowed'
  );
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/**
 * A body that cannot be taken apart is kept as one refused event, so that its
 * owner finds it. An empty batch is nothing to keep, and one with too many
 * events comes again in smaller parts.
 */
async function keepUnreadable(
  error: unknown,
  body: Buffer,
  writeKey: SnapshotWriteKey,
  intake: Intake,
): Promise<void> {
  const isKept =
    error instanceof RequestError &&
    (error.reason === 'invalid_json' || error.reason === 'not_a_batch') &&
    body.length > 2;
  if (!isKept) {
    return;
  }
  const { maxKeptRefusedBytes } = intake.limits;
  const { reason, message } = error;
  const kept = Math.min(body.length, maxKeptRefusedBytes);
  const counted =
    reason === 'invalid_json' ? 'invalid_json' : 'invalid_envelope';
  const judgement = refused(undefined, counted, {
    reason,
    message,
    writeKeyId: writeKey.keyId,
    event: cutText(body, 0, kept),
    ...(kept < body.length && { truncated: true }),
  });
  await publishJudgements([judgement], intake);
  countFates([judgement], intake.metrics);
  if (!judgement.batch?.isCommitted) {
    throw brokerUnavailable();
  }
}
