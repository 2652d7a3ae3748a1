import type { SnapshotWriteKey } from '@millrace/ledger';
import { jsonBytes } from '@millrace/schema';
import { EventReason } from '../errors';
import { countFates, Fate, fateOf } from './answer';
import { Intake } from './intake';
import { judgeEvent, Judgement, JudgementContext, refuse } from './judgeEvent';
import { publishJudgements } from './publishJudgements';
import { requireBroker, requireSnapshot } from './requirements';

/** An event that an adapter made from something else than a CloudEvent. */
export interface AdaptedEvent {
  /** The CloudEvent as parsed JSON, judged like any other. */
  value: unknown;
  /** What came in, as text: kept if the event is refused. */
  raw: string;
  /** Set when the adapter itself cannot make an event of it. */
  problem?: { reason: EventReason; pointer?: string; message: string };
}

/** Judges, publishes and waits for the commit: one fate per event, in order. */
export type TakeEvents = (
  events: AdaptedEvent[],
  writeKey: SnapshotWriteKey,
) => Promise<Fate[]>;

/** Takes events from adapters into an intake. */
export function createTakeEvents(intake: Intake): TakeEvents {
  return async (events, writeKey) => {
    const { snapshot, limits, metrics, pacer, recognizer } = intake;
    requireBroker(intake.isBrokerAway());
    const context = { snapshot: requireSnapshot(snapshot()), writeKey, limits };
    const judgements: Judgement[] = [];
    for (const event of events) {
      judgements.push(judge(event, context, recognizer));
      if (pacer.spend(event.raw.length)) {
        await pacer.pause();
      }
    }
    await publishJudgements(judgements, intake);
    countFates(judgements, metrics);
    return judgements.map(fateOf);
  };
}

function judge(
  { value, raw, problem }: AdaptedEvent,
  context: JudgementContext,
  recognizer: Intake['recognizer'],
): Judgement {
  if (problem) {
    return refuse(textOf(raw), value, problem, context);
  }
  const text = textOf(JSON.stringify(value) ?? 'null');
  const { bytes, end } = text;
  const { snapshot, writeKey, limits } = context;
  if (end <= limits.maxEventBytes) {
    const recognised = recognizer.match(
      bytes,
      0,
      snapshot,
      writeKey.eventTypes,
    );
    if (recognised !== jsonBytes.NO_MATCH && recognizer.eventType) {
      return { kind: 'accepted', eventType: recognizer.eventType, text };
    }
  }
  const judgement = judgeEvent(text, context);
  if (judgement.kind === 'refused') {
    const { reason, refusal } = judgement;
    const { pointer, message } = refusal;
    return refuse(textOf(raw), value, { reason, pointer, message }, context);
  }
  return judgement;
}

function textOf(text: string) {
  const bytes = Buffer.from(text);
  return { bytes, start: 0, end: bytes.length, hasBreaks: false };
}
