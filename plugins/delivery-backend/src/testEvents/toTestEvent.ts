import type { TestEventRecord } from '@millrace/ledger';
import type {
  TestEvent,
  TestEventState,
} from '@millrace/plugin-delivery-common';
import { bucketEnd, bucketOf } from '@millrace/schema';

/** A test event of the ledger as the API tells it. */
export function toTestEvent(
  record: TestEventRecord,
  options: { bucketSeconds: number; objectiveMs: number },
): TestEvent {
  const { staged, landed, answeredAt, state } = record;
  const reached = stateOf(record);
  return {
    testEventId: record.testEventId,
    eventType: record.eventType,
    source: record.source,
    state: reached,
    requestedBy: record.requestedBy,
    requestedAt: record.requestedAt.toISOString(),
    message:
      reached === 'sending' || reached === 'unanswered'
        ? record.message
        : undefined,
    receipt: record.receipt,
    acceptedAt: state === 'accepted' ? answeredAt?.toISOString() : undefined,
    stagedAt: state === 'accepted' ? staged?.at.toISOString() : undefined,
    expected:
      reached === 'accepted' || reached === 'staged'
        ? expectedOf(record, options)
        : undefined,
    landed: landed && {
      bucketStart: landed.bucketStart.toISOString(),
      bucketEnd: landed.bucketEnd.toISOString(),
      revision: landed.revision,
      sealedAt: landed.sealedAt.toISOString(),
    },
    refusal: reached === 'refused' ? record.refusal : undefined,
  };
}

/** What is proven comes first: it may have landed without any answer. */
function stateOf({
  state,
  staged,
  landed,
  refusal,
}: TestEventRecord): TestEventState {
  if (landed) {
    return 'sealed';
  }
  if (refusal) {
    return 'refused';
  }
  return state === 'accepted' && staged ? 'staged' : state;
}

function expectedOf(
  { staged, answeredAt }: TestEventRecord,
  options: { bucketSeconds: number; objectiveMs: number },
): TestEvent['expected'] {
  const { bucketSeconds, objectiveMs } = options;
  const received = answeredAt && bucketOf(answeredAt, bucketSeconds);
  const start = staged?.bucketStart ?? received?.start;
  const end = staged?.bucketEnd ?? (received && bucketEnd(received));
  return (
    start &&
    end && {
      bucketStart: start.toISOString(),
      bucketEnd: end.toISOString(),
      by: new Date(end.getTime() + objectiveMs).toISOString(),
    }
  );
}
