import { listGateways, listWorkers } from '@millrace/ledger';
import type {
  DeliveryStatus,
  ProcessState,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { describeCause } from '../errors';
import type { Reconciler } from '../reconciler';

/** Gateways and workers without a heartbeat for longer are history. */
const ACTIVE_SINCE_MS = 60 * 60 * 1000;

/** The status must come, above all, when something is down. */
const LEDGER_LIMIT_MS = 2000;

/** Options of {@link StatusReader}. */
export interface StatusReaderOptions {
  ledger: Knex;
  reconciler: Reconciler;
  /** The supervised processes; `undefined` in external mode. */
  processes?: () => ProcessState[];
  gatewayUrl: string;
  bucketSeconds: number;
  now: () => Date;
}

/** Tells the state of the data plane, also while the ledger is down. */
export class StatusReader {
  readonly #options: StatusReaderOptions;

  constructor(options: StatusReaderOptions) {
    this.#options = options;
  }

  async read(): Promise<DeliveryStatus> {
    const { reconciler, processes, gatewayUrl, bucketSeconds } = this.#options;
    return {
      mode: processes ? 'embedded' : 'external',
      processes: processes?.() ?? [],
      ...(await this.#readLedger()),
      gatewayUrl,
      bucketSeconds,
      generation: reconciler.generation(),
      reconciler: reconciler.status(),
    };
  }

  async #readLedger(): Promise<
    Pick<DeliveryStatus, 'gateways' | 'workers' | 'ledger'>
  > {
    const { ledger, now } = this.#options;
    const activeSince = new Date(now().getTime() - ACTIVE_SINCE_MS);
    try {
      const [gateways, workers] = await within(
        LEDGER_LIMIT_MS,
        Promise.all([
          listGateways(ledger, { activeSince }),
          listWorkers(ledger, { activeSince }),
        ]),
      );
      return {
        gateways: gateways.map(gateway => ({
          gateway: gateway.gateway,
          epoch: gateway.epoch,
          startedAt: gateway.startedAt.toISOString(),
          heartbeatAt: gateway.heartbeatAt.toISOString(),
          alive: gateway.alive,
          generation: gateway.generation,
          snapshotCheckedAt: gateway.snapshotCheckedAt?.toISOString(),
          url: gateway.url,
        })),
        workers: workers.map(worker => ({
          worker: worker.worker,
          heartbeatAt: worker.heartbeatAt.toISOString(),
          alive: worker.alive,
          eventTypes: worker.eventTypes,
        })),
        ledger: { isReachable: true },
      };
    } catch (error) {
      return {
        gateways: [],
        workers: [],
        ledger: { isReachable: false, message: describeCause(error) },
      };
    }
  }
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The ledger did not answer in ${limitMs} ms`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
