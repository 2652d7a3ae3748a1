/*
 * One life of a real client, in a process of its own as anyone would run it:
 *
 *   node runClient.cjs <client> <url> <write key> <prefix of ids> <events>
 *
 * Sends so many events, of which every tenth does not fit its schema, waits
 * until the client has settled each, and prints what it says became of them:
 * { "delivered": [ids], "failed": [ids] }.
 */
const [client, url, writeKey, prefix, count] = process.argv.slice(2);

const ids = Array.from({ length: Number(count) }, (_, n) => `${prefix}${n}`);
const isBad = n => n % 10 === 9;
const delivered = new Set();
const failed = new Set();
const settle = (id, isDelivered) => (isDelivered ? delivered : failed).add(id);

const orderCompleted = (messageId, n) => ({
  event: 'Order Completed',
  userId: 'u-1',
  messageId,
  properties: { orderId: `o-${n}`, total: isBad(n) ? 'x' : n },
});
const orderPaid = n => ({ orderId: `o-${n}`, cents: isBad(n) ? 'many' : n });

const clients = {
  async segment() {
    const { Analytics } = require('@segment/analytics-node');
    const analytics = new Analytics({ writeKey, host: url });
    ids.forEach((id, n) =>
      analytics.track(orderCompleted(id, n), error => settle(id, !error)),
    );
    await analytics.closeAndFlush({ timeout: 60_000 });
  },

  async rudder() {
    const Analytics = require('@rudderstack/rudder-sdk-node');
    const analytics = new Analytics(writeKey, {
      dataPlaneUrl: url,
      // Three by default, after which it gives up, and says so.
      retryCount: 10,
      logLevel: 'none',
      errorHandler: () => {},
    });
    const settled = ids.map(
      (id, n) =>
        new Promise(resolve => {
          analytics.track(orderCompleted(id, n), error => {
            settle(id, !error);
            resolve();
          });
        }),
    );
    // A flush takes one batch of twenty.
    for (let sent = 0; sent <= ids.length; sent += 20) {
      await analytics.flush();
    }
    await Promise.all(settled);
  },

  async otel() {
    const {
      OTLPLogExporter,
    } = require('@opentelemetry/exporter-logs-otlp-http');
    const {
      BatchLogRecordProcessor,
      LoggerProvider,
    } = require('@opentelemetry/sdk-logs');
    const real = new OTLPLogExporter({
      url: `${url}/v1/logs`,
      headers: { authorization: `Bearer ${writeKey}` },
    });
    // The real one, with an ear at what it says of each batch.
    const exporter = {
      export: (records, done) =>
        real.export(records, result => {
          for (const { attributes } of records) {
            settle(attributes['log.record.uid'], result.code === 0);
          }
          done(result);
        }),
      forceFlush: () => real.forceFlush(),
      shutdown: () => real.shutdown(),
    };
    const provider = new LoggerProvider({
      processors: [
        new BatchLogRecordProcessor({ exporter, maxExportBatchSize: 20 }),
      ],
    });
    const logger = provider.getLogger('orders');
    ids.forEach((id, n) =>
      logger.emit({
        eventName: 'shop.order_paid',
        body: { note: 'paid' },
        attributes: { 'log.record.uid': id, ...orderPaid(n) },
      }),
    );
    await provider.forceFlush();
    await provider.shutdown();
  },

  binaryCloudEvents: () => sendCloudEvents('binary'),
  structuredCloudEvents: () => sendCloudEvents('structured'),
};

/** This client has no retries of its own, and tells its caller no status. */
async function sendCloudEvents(mode) {
  const { CloudEvent, emitterFor, httpTransport } = require('cloudevents');
  const emit = emitterFor(httpTransport(`${url}/v1/events`), { mode });
  for (const [n, id] of ids.entries()) {
    const event = new CloudEvent({
      id,
      type: 'shop.order_paid',
      source: '/tests/cloudevents',
      data: orderPaid(n),
    });
    while (!delivered.has(id)) {
      try {
        const headers = { authorization: `Bearer ${writeKey}` };
        const { body } = await emit(event, { headers });
        const { accepted, refused } = JSON.parse(body);
        if (accepted + refused === 1) {
          delivered.add(id);
        }
      } catch {
        // The connection broke: nobody knows, so it is sent again.
      }
    }
  }
}

clients[client]().then(() => {
  process.stdout.write(
    JSON.stringify({ delivered: [...delivered], failed: [...failed] }),
  );
});
