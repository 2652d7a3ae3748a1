import {
  auditResource,
  claimLease,
  releaseLease,
  renewLease,
} from '@millrace/ledger';
import { Knex } from 'knex';
import { AuditorError } from './errors';

/** A share of the round that is this auditor's for now. */
export interface Share {
  /** What every write of the auditor is fenced by. */
  lease: { resource: string; fencingToken: bigint };
  /** @throws AuditorError with code `lease_lost` */
  assert(): Promise<void>;
  end(): Promise<void>;
}

/** Claims a share and keeps it until `end`, or gives `undefined`. */
export async function holdShare(options: {
  ledger: Knex;
  name: string;
  holder: string;
  leaseMs: number;
}): Promise<Share | undefined> {
  const { ledger, name, holder, leaseMs } = options;
  const resource = auditResource(name);
  const claimed = await claimLease(ledger, { resource, holder, leaseMs });
  if (!claimed) {
    return undefined;
  }
  const lease = { resource, fencingToken: claimed.fencingToken };
  const renew = () => renewLease(ledger, { ...lease, leaseMs });
  const timer = setInterval(() => {
    // A failed renewal shows at the next assert, or at the fenced write.
    renew().catch(() => {});
  }, leaseMs / 3);
  timer.unref();
  return {
    lease,
    async assert() {
      if (!(await renew())) {
        throw new AuditorError(
          'lease_lost',
          `Another auditor has taken over ${name}`,
        );
      }
    },
    async end() {
      clearInterval(timer);
      await releaseLease(ledger, lease).catch(() => {});
    },
  };
}
