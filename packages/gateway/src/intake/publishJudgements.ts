import { Intake } from './intake';
import { Judgement } from './judgeEvent';

/**
 * Publishes what was judged and waits until the broker has committed it, or
 * will not. Afterwards each judgement has the batch that took it.
 *
 * From the stamp until every event is in a batch nothing is awaited: the batch
 * holds its bucket open, the stamp alone does not.
 */
export async function publishJudgements(
  judgements: Judgement[],
  { stamp, events, refusals }: Intake,
): Promise<void> {
  const { receivedAt, bucket } = stamp();
  const time = receivedAt.toISOString();
  // In front of the attributes, of which no event has none; and none of them
  // can be called so, as CloudEvents allows no capital letters.
  const prefix = Buffer.from(`{"receivedAt":"${time}",`);

  for (const judgement of judgements) {
    if (judgement.kind === 'accepted') {
      const { eventType, text } = judgement;
      judgement.batch = events.publish(eventType, bucket, prefix, text);
    } else {
      const { eventType, refusal } = judgement;
      judgement.batch = refusals.publish(
        { ...refusal, receivedAt: time },
        eventType?.refusedTopic,
      );
    }
  }

  // Events of one batch share its promise; each is awaited once.
  let last;
  for (const { batch } of judgements) {
    if (batch !== last && batch?.isCommitted === undefined) {
      await batch?.committed;
    }
    last = batch;
  }
}
