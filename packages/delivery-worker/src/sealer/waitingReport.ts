import { recordWaitingBuckets } from '@millrace/ledger';
import { Knex } from 'knex';
import { BlockedBucket, SealerOptions } from './types';
import { messageOf } from './errors';

/** How old the ledger's word on a bucket that waits may be. */
const REFRESH_MS = 15_000;

/**
 * Tells why buckets wait: the log once for each change of the reasons, and the
 * ledger, where the portal reads it, also every quarter of a minute, so that a
 * word that is older means that no worker looks any more.
 *
 * The ledger is told in one statement per run. That it cannot be told never
 * keeps a bucket from being sealed.
 *
 * @internal
 */
export function createWaitingReport(options: {
  ledger: Knex;
  worker: string;
  logger: SealerOptions['logger'];
  monotonicMs?: () => number;
}): (blocked: BlockedBucket[]) => Promise<void> {
  const {
    ledger,
    worker,
    logger,
    monotonicMs = () => performance.now(),
  } = options;
  let last = new Map<string, { kind: string; toldAt: number }>();
  return async blocked => {
    const current: typeof last = new Map();
    const toTell: BlockedBucket[] = [];
    const now = monotonicMs();
    for (const waiting of blocked) {
      const key = `${waiting.eventType} ${waiting.bucket.start.toISOString()}`;
      const kind = kindOf(waiting);
      const known = last.get(key);
      if (known?.kind !== kind) {
        log(waiting);
      }
      const isTold = known?.kind === kind && now - known.toldAt < REFRESH_MS;
      if (!isTold) {
        toTell.push(waiting);
      }
      current.set(key, { kind, toldAt: isTold ? known.toldAt : now });
    }
    const isAnyOver = [...last.keys()].some(key => !current.has(key));
    last = current;
    if (toTell.length === 0 && !isAnyOver) {
      return;
    }
    try {
      await recordWaitingBuckets(ledger, { worker, buckets: toTell });
    } catch (error) {
      logger.warn(
        `Cannot tell the ledger which buckets wait: ${messageOf(error)}`,
      );
      toTell.forEach(({ eventType, bucket }) =>
        last.delete(`${eventType} ${bucket.start.toISOString()}`),
      );
    }
  };

  function log({ eventType, bucket, reasons }: BlockedBucket): void {
    const bucketStart = bucket.start.toISOString();
    logger.info(
      `Bucket ${bucketStart} of ${eventType} waits: ${reasons
        .map(({ message }) => message)
        .join('; ')}`,
      { eventType, bucketStart },
    );
  }
}

function kindOf({ reasons }: BlockedBucket): string {
  return reasons
    .map(({ code, gateway, epoch }) => `${code} ${gateway} ${epoch}`)
    .join();
}
