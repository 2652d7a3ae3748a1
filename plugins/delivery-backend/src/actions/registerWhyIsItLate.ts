import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import {
  type LedgerBucket,
  type LedgerRow,
  deliveryReadPermission,
} from '@millrace/plugin-delivery-common';
import { parseName } from '../service/request';
import { describeSealedLate, stagesOf } from './describeLateBucket';
import type { ActionOptions } from './types';

/** How far back it looks: the newest buckets of the type. */
const LOOKED_AT = 200;
const MAX_BUCKETS = 10;
const DEFAULT_BUCKETS = 5;

type BucketRow = LedgerRow & { bucket: LedgerBucket };

/** Registers `why-is-it-late`: what keeps the data of an event type. */
export function registerWhyIsItLate(
  actions: ActionsRegistryService,
  options: ActionOptions,
): void {
  const { access, closing, eventTypes, latenessObjectivesMs, ledgerPages } =
    options;
  actions.register({
    name: 'why-is-it-late',
    title: 'Why is the data of an event type late?',
    description: `Looks at the newest ${LOOKED_AT} buckets (spans of receive time that become one partition each) of an event type, and says of those that are late or still wait why: the decision of the worker that may not close them, what is missing, or which stage took the time. Newest first, at most ${MAX_BUCKETS}. It reads what you may read and changes nothing.`,
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          eventType: z.string().max(63).describe('Such as shop.order_placed'),
          limit: z.number().int().min(1).max(MAX_BUCKETS).optional(),
        }),
      output: z =>
        z.object({
          answer: z.string(),
          eventType: z.string(),
          owner: z.string(),
          tier: z.string(),
          objectiveSeconds: z.number(),
          lateOrWaiting: z.number(),
          buckets: z.array(
            z.object({
              start: z.string(),
              end: z.string(),
              state: z.string(),
              isLate: z.boolean(),
              expectedBy: z.string(),
              latenessSeconds: z.number().optional(),
              message: z.string(),
              reasons: z.array(
                z.object({ code: z.string(), message: z.string() }),
              ),
              eventsMissingAtMost: z.number().optional(),
              stages: z.array(
                z.object({
                  stage: z.string(),
                  what: z.string(),
                  seconds: z.number(),
                }),
              ),
            }),
          ),
        }),
    },
    async action({ input, credentials }) {
      await access.require(deliveryReadPermission, credentials);
      const { name, owner, tier } = await eventTypes.get(
        parseName({ name: input.eventType }),
        credentials,
      );
      const objectiveMs = latenessObjectivesMs[tier];
      const page = await ledgerPages.page({
        eventType: name,
        objectiveMs,
        by: 'bucket',
        limit: LOOKED_AT,
      });
      const late = page.items.flatMap(row => lateOrWaiting(row) ?? []);
      const buckets = await Promise.all(
        late
          .slice(0, input.limit ?? DEFAULT_BUCKETS)
          .map(row => describe(name, row)),
      );
      return {
        output: {
          answer: answerOf(name, late.length, buckets.at(0)),
          eventType: name,
          owner,
          tier,
          objectiveSeconds: objectiveMs / 1000,
          lateOrWaiting: late.length,
          buckets,
        },
      };
    },
  });

  async function describe(eventType: string, row: BucketRow) {
    const { bucket, start, end } = row;
    const told =
      bucket.state === 'sealed'
        ? undefined
        : await closing.read({ eventType, bucketStart: new Date(start) });
    const latenessMs = bucket.partition?.latenessMs;
    return {
      start,
      end,
      // Between the two readings it may have gone on.
      state: told?.state ?? bucket.state,
      isLate: bucket.isLate,
      expectedBy: bucket.expectedBy,
      latenessSeconds: latenessMs === undefined ? undefined : latenessMs / 1000,
      message: told?.message ?? describeSealedLate(bucket),
      reasons: (told?.decision?.reasons ?? []).map(({ code, message }) => ({
        code,
        message,
      })),
      eventsMissingAtMost: told?.missing?.eventsAtMost,
      stages: stagesOf(bucket),
    };
  }
}

/** A bucket that is over and not sealed, or was sealed too late. */
function lateOrWaiting(row: LedgerRow): BucketRow | undefined {
  const { bucket } = row;
  return bucket && (bucket.isLate || !['open', 'sealed'].includes(bucket.state))
    ? { ...row, bucket }
    : undefined;
}

function answerOf(
  name: string,
  count: number,
  newest: { start: string; message: string } | undefined,
): string {
  return newest
    ? `${count} of the newest ${LOOKED_AT} buckets of '${name}' are late or wait. The newest, which began at ${newest.start}: ${newest.message}`
    : `Nothing of '${name}' is late: none of its newest ${LOOKED_AT} buckets was sealed too late, and none waits.`;
}
