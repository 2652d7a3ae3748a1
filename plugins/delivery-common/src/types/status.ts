/**
 * The processes of the data plane, in the order they are started.
 *
 * @public
 */
export type ProcessRole = 'broker' | 'gateway' | 'worker';

/**
 * Where a supervised process is in its life.
 *
 * - `starting`: the process exists, or waits for another one it needs, and has
 *   not said that it is ready.
 * - `running`: it said that it is ready.
 * - `backing-off`: it ended and is started again at `nextStartAt`.
 * - `stopped`: it was told to stop and is not started again.
 *
 * @public
 */
export type ProcessLifeState =
  | 'starting'
  | 'running'
  | 'backing-off'
  | 'stopped';

/**
 * A process that the portal's backend supervises (embedded mode only).
 *
 * @public
 */
export interface ProcessState {
  role: ProcessRole;
  state: ProcessLifeState;
  pid?: number;
  startedAt?: string;
  /** How often it was started again since the portal started. */
  restarts: number;
  lastExit?: { at: string; code?: number; signal?: string };
  /** While backing off: when it is started again. */
  nextStartAt?: string;
}

/**
 * One life of a gateway, as it reports itself.
 *
 * @public
 */
export interface GatewayStatus {
  gateway: string;
  epoch: string;
  startedAt: string;
  heartbeatAt: string;
  alive: boolean;
  /** The config snapshot it runs, once it has one. */
  generation?: number;
  /**
   * When it last found, by its own clock, that this was the newest. If it lies
   * back, the gateway runs old settings and keys: stale as of then.
   */
  snapshotCheckedAt?: string;
  url: string;
}

/**
 * A worker, as it reports itself.
 *
 * @public
 */
export interface WorkerStatus {
  worker: string;
  heartbeatAt: string;
  alive: boolean;
  /** How many event types it consumes; each is consumed by one worker. */
  eventTypes: number;
}

/**
 * How the loop that makes the real resources match what is declared is doing.
 *
 * @public
 */
export interface ReconcilerStatus {
  /** When a round last finished, whether or not every type succeeded. */
  lastRoundAt?: string;
  /** How many rounds in a row could not be finished. */
  failedRounds: number;
  /** Why the newest round could not be finished. */
  message?: string;
  /** Event types that could not be provisioned in the newest round. */
  failing: { eventType: string; message: string }[];
}

/**
 * The state of the whole data plane.
 *
 * @public
 */
export interface DeliveryStatus {
  mode: 'embedded' | 'external';
  /** Empty in external mode: nothing is started here. */
  processes: ProcessState[];
  gateways: GatewayStatus[];
  workers: WorkerStatus[];
  /** Where producers send events to. */
  gatewayUrl: string;
  bucketSeconds: number;
  /** The newest config snapshot; missing until there is one. */
  generation?: number;
  /**
   * Whether the ledger answers. When it does not, `gateways`, `workers` and
   * `generation` are unknown and left empty.
   */
  ledger: { isReachable: boolean; message?: string };
  reconciler: ReconcilerStatus;
}
