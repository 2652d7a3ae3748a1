import { MetricServiceClient, protos } from '@google-cloud/monitoring';
import { credentials } from '@grpc/grpc-js';
import { refusedSubscriptionOf, subscriptionOf } from '@millrace/schema';
import { BacklogProbe, BacklogReading } from './types';

type TimeSeries = protos.google.monitoring.v3.ITimeSeries;

const OLDEST_UNACKED_AGE =
  'pubsub.googleapis.com/subscription/oldest_unacked_message_age';
const UNDELIVERED =
  'pubsub.googleapis.com/subscription/num_undelivered_messages';

/** Google publishes a point per minute, some minutes late. */
const LOOK_BACK_MS = 15 * 60_000;
const TIMEOUT_MS = 10_000;

export interface BacklogProbeOptions {
  projectId: string;
  /** `host:port` of the local broker; `undefined` asks Google. */
  emulatorHost?: string;
  /**
   * For how long an answer is reused. Default 1 s for the local broker and 30 s
   * for Google, which measures once a minute and limits how often one may ask.
   */
  reuseMs?: number;
  clock?: () => Date;
  /** Told when the broker cannot be asked; the reading is then `undefined`. */
  onError?: (eventType: string, error: unknown) => void;
}

/**
 * Asks Cloud Monitoring, or the local broker, which speaks the same API, how
 * far the consumers of an event type are behind.
 *
 * A reading is the older of the two measures it consists of. When either is
 * missing there is no reading: the caller must not take silence for emptiness.
 */
export function createBacklogProbe(options: BacklogProbeOptions): {
  read: BacklogProbe;
  close(): Promise<void>;
} {
  const {
    projectId,
    emulatorHost,
    reuseMs = emulatorHost ? 1_000 : 30_000,
    clock = () => new Date(),
    onError = () => {},
  } = options;
  let client: MetricServiceClient | undefined;
  const readings = new Map<
    string,
    { askedAt: number; reading: Promise<BacklogReading | undefined> }
  >();

  async function readNewest(metric: string, subscription: string) {
    client ??= createClient(emulatorHost);
    const now = clock().getTime();
    const [series] = await client.listTimeSeries(
      {
        name: `projects/${projectId}`,
        // The name of an event type is checked and cannot end the literal.
        filter: `metric.type = "${metric}" AND resource.labels.subscription_id = "${subscription}"`,
        interval: {
          startTime: toTimestamp(now - LOOK_BACK_MS),
          endTime: toTimestamp(now),
        },
        view: 'FULL',
      },
      { timeout: TIMEOUT_MS },
    );
    return newestPoint(series);
  }

  async function ask(
    eventType: string,
    subscription: string,
  ): Promise<BacklogReading | undefined> {
    try {
      const [age, undelivered] = await Promise.all([
        readNewest(OLDEST_UNACKED_AGE, subscription),
        readNewest(UNDELIVERED, subscription),
      ]);
      return (
        age &&
        undelivered && {
          measuredAt: new Date(
            Math.min(age.at.getTime(), undelivered.at.getTime()),
          ),
          oldestUnackedAgeSeconds: age.value,
          undelivered: undelivered.value,
        }
      );
    } catch (error) {
      onError(eventType, error);
      return undefined;
    }
  }

  return {
    read(eventType, kind = 'events') {
      const now = clock().getTime();
      const subscription =
        kind === 'events'
          ? subscriptionOf(eventType)
          : refusedSubscriptionOf(eventType);
      const last = readings.get(subscription);
      if (last && now - last.askedAt < reuseMs && now >= last.askedAt) {
        return last.reading;
      }
      const reading = ask(eventType, subscription);
      readings.set(subscription, { askedAt: now, reading });
      return reading;
    },
    async close() {
      await client?.close();
    },
  };
}

function createClient(emulatorHost: string | undefined): MetricServiceClient {
  if (!emulatorHost) {
    return new MetricServiceClient();
  }
  const { hostname, port } = new URL(`http://${emulatorHost}`);
  return new MetricServiceClient({
    servicePath: hostname,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    // Without it the client asks for the universe of the default credentials,
    // and looks for those on the network.
    universeDomain: 'googleapis.com',
  });
}

function newestPoint(
  series: TimeSeries[],
): { at: Date; value: number } | undefined {
  let newest: { at: Date; value: number } | undefined;
  for (const { points } of series) {
    for (const { interval, value } of points ?? []) {
      const seconds = Number(interval?.endTime?.seconds ?? NaN);
      const at = new Date(
        seconds * 1000 + (interval?.endTime?.nanos ?? 0) / 1_000_000,
      );
      const number = Number(value?.int64Value ?? value?.doubleValue ?? NaN);
      if (
        !Number.isNaN(at.getTime()) &&
        Number.isFinite(number) &&
        (!newest || at > newest.at)
      ) {
        newest = { at, value: number };
      }
    }
  }
  return newest;
}

function toTimestamp(ms: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1_000_000) };
}
