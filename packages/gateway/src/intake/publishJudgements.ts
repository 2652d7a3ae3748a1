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
  // In front of the members, of which no event and no refusal has none; and no
  // attribute can be called so, as CloudEvents allows no capital letters.
  const prefix = Buffer.from(`{"receivedAt":"${time}",`);

  for (const judgement of judgements) {
    judgement.batch =
      judgement.kind === 'accepted'
        ? events.publish(judgement.eventType, bucket, prefix, judgement.text)
        : refusals.publish(
            prefix,
            judgement.text,
            judgement.eventType?.refusedTopic,
          );
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
