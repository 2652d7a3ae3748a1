import { uuidv4 } from 'uuidv7';
import { Clock } from '../types';
import { EventStore } from './eventStore';

/** Longer than a tab in the background may be kept from renewing. */
const LEASE_MS = 3 * 60_000;
const RENEW_MS = 20_000;

/** Decides which tab looks after the events of an epoch. */
export interface EpochLocks {
  /**
   * Takes an epoch for as long as this tab lives, if no living tab has it.
   *
   * @returns whether it is ours
   */
  take(epoch: string): Promise<boolean>;
  release(): void;
}

/** Web Locks: the browser itself lets go when a tab is gone. */
export function webEpochLocks(manager: LockManager, name: string): EpochLocks {
  const releases: (() => void)[] = [];
  return {
    take: epoch =>
      new Promise((resolve, reject) => {
        manager
          .request(`millrace/${name}/${epoch}`, { ifAvailable: true }, lock => {
            resolve(lock !== null);
            return lock === null
              ? undefined
              : new Promise<void>(release => {
                  releases.push(release);
                });
          })
          .catch(reject);
      }),
    release: () => releases.splice(0).forEach(release => release()),
  };
}

/**
 * Leases in the database, for pages without Web Locks (plain http). A tab that
 * slept longer than its lease may share its events with another: they are then
 * sent twice, with the same ids.
 */
export function leasedEpochLocks(store: EventStore, clock: Clock): EpochLocks {
  const holder = uuidv4();
  const epochs = new Set<string>();
  let cancel = () => {};
  const renew = () => {
    cancel = clock.schedule(async () => {
      for (const epoch of epochs) {
        await store
          .lease(epoch, holder, clock.now(), LEASE_MS)
          .catch(() => false);
      }
      renew();
    }, RENEW_MS);
  };
  return {
    async take(epoch) {
      const isOurs = await store.lease(epoch, holder, clock.now(), LEASE_MS);
      if (isOurs) {
        epochs.add(epoch);
        if (epochs.size === 1) {
          renew();
        }
      }
      return isOurs;
    },
    release() {
      cancel();
      epochs.clear();
    },
  };
}
