import { type UntypedServiceImplementation } from '@grpc/grpc-js';
import { type protos } from '@google-cloud/monitoring';
import { type Clock } from '../clock';
import { type MessageBroker, type Subscription } from '../delivery';
import { invalidArgument } from '../errors';
import { type BrokerLogger } from '../logger';
import { timestampOf } from './durations';
import { type UnaryHandler, unary } from './handlers';
import { parseProject } from './names';

type TimeSeries = protos.google.monitoring.v3.ITimeSeries;

const PREFIX = 'pubsub.googleapis.com/subscription';
/** Google's service has no damaged messages; the broker's own metric. */
const OWN_PREFIX = 'custom.googleapis.com/millrace/subscription';

/**
 * `google.monitoring.v3.MetricService/ListTimeSeries`, as far as the backlog of
 * a subscription goes, so that the official monitoring client asks the local
 * broker and Google Cloud in the same words.
 *
 * One series per subscription with one point, taken now; the interval and the
 * view of the request do not matter.
 */
export function createMetricService(options: {
  broker: MessageBroker;
  clock: Clock;
  logger: BrokerLogger;
}): UntypedServiceImplementation {
  const { broker, clock, logger } = options;

  const readers: Record<string, (subscription: Subscription) => number> = {
    [`${PREFIX}/num_undelivered_messages`]: ({ backlog }) => backlog.size,
    [`${PREFIX}/oldest_unacked_message_age`]: ({ backlog }) =>
      backlog.oldest
        ? Math.max(
            0,
            Math.floor((clock.wallMs() - backlog.oldest.publishTimeMs) / 1000),
          )
        : 0,
    [`${OWN_PREFIX}/num_damaged_messages`]: ({ damaged }) => damaged.length,
  };

  const listTimeSeries: UnaryHandler<
    protos.google.monitoring.v3.IListTimeSeriesRequest,
    protos.google.monitoring.v3.IListTimeSeriesResponse
  > = request => {
    const prefix = parseProject('subscriptions', request.name);
    const { metricType, subscriptionId } = parseFilter(request.filter ?? '');
    const read = readers[metricType];
    if (!read) {
      throw invalidArgument(`Unknown metric type ${metricType}`);
    }
    const at = timestampOf(clock.wallMs());
    const timeSeries = broker.registry
      .subscriptions()
      .filter(({ stored: { name } }) =>
        subscriptionId === undefined
          ? name.startsWith(prefix)
          : name === prefix + subscriptionId,
      )
      .map(
        (subscription): TimeSeries => ({
          metric: { type: metricType },
          resource: {
            type: 'pubsub_subscription',
            labels: {
              project_id: prefix.split('/')[1],
              subscription_id: subscription.stored.name.slice(prefix.length),
            },
          },
          metricKind: 'GAUGE',
          valueType: 'INT64',
          points: [
            {
              interval: { startTime: at, endTime: at },
              value: { int64Value: read(subscription) },
            },
          ],
        }),
      );
    return { timeSeries };
  };

  return { ListTimeSeries: unary(logger, listTimeSeries) };
}

/**
 * Reads `metric.type = "…"`, optionally with
 * `resource.labels.subscription_id = "…"`, in any order, joined by AND or a
 * space.
 *
 * @throws RpcError INVALID_ARGUMENT for any other filter
 */
function parseFilter(filter: string): {
  metricType: string;
  subscriptionId?: string;
} {
  const terms = new Map<string, string>();
  const rest = filter.replace(
    /(metric\.type|resource\.labels?\.subscription_id)\s*=\s*"([^"]*)"/g,
    (_, key: string, value: string) => {
      terms.set(key.startsWith('metric') ? 'metric' : 'subscription', value);
      return '';
    },
  );
  const metricType = terms.get('metric');
  if (metricType === undefined || !/^(\s|\bAND\b)*$/.test(rest)) {
    throw invalidArgument(
      `Unsupported filter ${JSON.stringify(
        filter,
      )}: expected metric.type = "…" AND resource.labels.subscription_id = "…"`,
    );
  }
  return { metricType, subscriptionId: terms.get('subscription') };
}
