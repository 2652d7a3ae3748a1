import { claimLease, releaseLease, renewLease } from '@millrace/ledger';
import { Knex } from 'knex';
import { SealerError } from '../sealer';

/** A resource that is this worker's for now. */
export interface HeldLease {
  resource: string;
  fencingToken: bigint;
  /** @throws SealerError with code `lease_lost` */
  assert(): Promise<void>;
  end(): Promise<void>;
}

/** Claims a resource and keeps it until `end`, or gives `undefined`. */
export async function holdLease(options: {
  ledger: Knex;
  resource: string;
  holder: string;
  leaseMs: number;
}): Promise<HeldLease | undefined> {
  const { ledger, resource, holder, leaseMs } = options;
  const claimed = await claimLease(ledger, { resource, holder, leaseMs });
  if (!claimed) {
    return undefined;
  }
  const { fencingToken } = claimed;
  const renew = () => renewLease(ledger, { resource, fencingToken, leaseMs });
  const timer = setInterval(() => {
    // A failed renewal shows at the next assert, or at the fenced write.
    renew().catch(() => {});
  }, leaseMs / 3);
  timer.unref();
  return {
    resource,
    fencingToken,
    async assert() {
      if (!(await renew())) {
        throw new SealerError(
          'lease_lost',
          `Another worker has taken over ${resource}`,
        );
      }
    },
    async end() {
      clearInterval(timer);
      await releaseLease(ledger, { resource, fencingToken }).catch(() => {});
    },
  };
}
