import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from 'prom-client';

/** What is true now, asked when metrics are read. */
export interface GatewayGauges {
  /** Of the config snapshot in use; 0 without one. */
  generation(): number;
  /** Snapshots that were not taken, because they were damaged or older. */
  refusedSnapshots(): number;
  inFlightBytes(): number;
  isBrokerOk(): boolean;
  /** By how much receive times are ahead of the ledger's clock. */
  clockAheadMs(): number;
}

/** Counts what the gateway does, in the terms of Prometheus. */
export interface GatewayMetrics {
  /** A request was answered. */
  request(path: string, status: number, seconds: number): void;
  /** Events of one type were answered. `eventType` is a registered name. */
  events(
    fate: 'accepted' | 'refused' | 'retriable',
    eventType: string,
    count: number,
  ): void;
  /** Events were refused for a reason. */
  refused(reason: string, count: number): void;
  /** A batch was committed, or given up. */
  batch(isCommitted: boolean, bytes: number): void;
  /** All of it in the Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const PREFIX = 'millrace_gateway_';
/** Label of what has no registered event type. */
export const NO_EVENT_TYPE = '';

/**
 * Creates the metrics of one gateway. Labels are registered names, reason codes
 * and paths of the route table: their number is bounded, and none is a text
 * that a sender chose.
 */
export function createGatewayMetrics(gauges: GatewayGauges): GatewayMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  const registers = [registry];
  const requests = new Histogram({
    name: `${PREFIX}request_seconds`,
    help: 'Time from a request to its answer',
    labelNames: ['path', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const events = new Counter({
    name: `${PREFIX}events_total`,
    help: 'Events answered, by fate and event type',
    labelNames: ['fate', 'event_type'],
    registers,
  });
  const refused = new Counter({
    name: `${PREFIX}refused_events_total`,
    help: 'Events refused, by reason code',
    labelNames: ['reason'],
    registers,
  });
  const batches = new Counter({
    name: `${PREFIX}batches_total`,
    help: 'Broker messages, committed or given up',
    labelNames: ['outcome'],
    registers,
  });
  const batchBytes = new Counter({
    name: `${PREFIX}batch_bytes_total`,
    help: 'NDJSON bytes of committed broker messages before compression',
    registers,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('config_generation', 'Generation of the config snapshot in use', () =>
    gauges.generation(),
  );
  gauge(
    'config_refused',
    'Config snapshots not taken since the start: damaged or older ones',
    () => gauges.refusedSnapshots(),
  );
  gauge('in_flight_bytes', 'Bytes of bodies being worked on', () =>
    gauges.inFlightBytes(),
  );
  gauge('broker_ok', '1 when the last publish or probe succeeded', () =>
    gauges.isBrokerOk() ? 1 : 0,
  );
  gauge(
    'clock_ahead_seconds',
    "By how much receive times are ahead of the ledger's clock",
    () => gauges.clockAheadMs() / 1000,
  );

  // A look-up of labels costs more than counting does.
  const timers = new Map<string, { observe(seconds: number): void }>();
  return {
    request: (path, status, seconds) => {
      const key = `${status} ${path}`;
      let timer = timers.get(key);
      if (!timer) {
        timer = requests.labels(path, String(status));
        timers.set(key, timer);
      }
      timer.observe(seconds);
    },
    events: (fate, eventType, count) =>
      events.inc({ fate, event_type: eventType }, count),
    refused: (reason, count) => refused.inc({ reason }, count),
    batch: (isCommitted, bytes) => {
      batches.inc({ outcome: isCommitted ? 'committed' : 'given_up' });
      if (isCommitted) {
        batchBytes.inc(bytes);
      }
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
