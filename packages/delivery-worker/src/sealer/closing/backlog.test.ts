import net from 'node:net';
import { protos } from '@google-cloud/monitoring';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createBacklogProbe } from './backlog';

const { ListTimeSeriesRequest, ListTimeSeriesResponse } =
  protos.google.monitoring.v3;
type Request = protos.google.monitoring.v3.ListTimeSeriesRequest;
type Points = [at: string, value: number][];

/** Cloud Monitoring's one method, as the local broker speaks it. */
async function startMonitoring(answer: (filter: string) => Points) {
  const requests: Request[] = [];
  const server = new Server();
  server.addService(
    {
      ListTimeSeries: {
        path: '/google.monitoring.v3.MetricService/ListTimeSeries',
        requestStream: false,
        responseStream: false,
        requestSerialize: (request: Request) =>
          Buffer.from(ListTimeSeriesRequest.encode(request).finish()),
        requestDeserialize: (bytes: Buffer) =>
          ListTimeSeriesRequest.decode(bytes),
        responseSerialize: (
          response: protos.google.monitoring.v3.IListTimeSeriesResponse,
        ) => Buffer.from(ListTimeSeriesResponse.encode(response).finish()),
        responseDeserialize: (bytes: Buffer) =>
          ListTimeSeriesResponse.decode(bytes),
      },
    },
    {
      ListTimeSeries: (
        call: { request: Request },
        done: (error: Error | null, response?: object) => void,
      ) => {
        requests.push(call.request);
        try {
          const points = answer(call.request.filter).map(([at, value]) => ({
            interval: {
              endTime: {
                seconds: Math.floor(Date.parse(at) / 1000),
                nanos: (Date.parse(at) % 1000) * 1_000_000,
              },
            },
            value: { int64Value: value },
          }));
          done(null, { timeSeries: points.length > 0 ? [{ points }] : [] });
        } catch (error) {
          done(error as Error);
        }
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      '127.0.0.1:0',
      ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    ),
  );
  return {
    host: `127.0.0.1:${port}`,
    requests,
    stop: () => server.forceShutdown(),
  };
}

const isAge = (filter: string) => filter.includes('oldest_unacked');

describe('createBacklogProbe', () => {
  // Looking for credentials on the network fails in jest before it gets there,
  // with a warning.
  const warnings = jest.spyOn(process, 'emitWarning');
  afterAll(() => warnings.mockRestore());

  let close: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(close.map(one => one()));
    close = [];
  });

  async function probe(
    answer: (filter: string) => Points,
    options: { clock?: () => Date; reuseMs?: number } = {},
  ) {
    const monitoring = await startMonitoring(answer);
    const errors: unknown[] = [];
    const { read, close: closeProbe } = createBacklogProbe({
      projectId: 'millrace',
      emulatorHost: monitoring.host,
      onError: (_, error) => errors.push(error),
      ...options,
    });
    close.push(async () => {
      await closeProbe();
      monitoring.stop();
    });
    return { read, errors, requests: monitoring.requests };
  }

  it('reads the newest point of both metrics and dates the reading by the older', async () => {
    const { read, requests } = await probe(filter =>
      isAge(filter)
        ? [
            ['2026-11-21T13:00:00Z', 9],
            ['2026-11-21T13:01:00.250Z', 17],
          ]
        : [
            ['2026-11-21T13:02:00Z', 3],
            ['2026-11-21T13:01:00Z', 99],
          ],
    );
    expect(await read('shop.order')).toEqual({
      measuredAt: new Date('2026-11-21T13:01:00.250Z'),
      oldestUnackedAgeSeconds: 17,
      undelivered: 3,
    });
    expect(requests.map(request => [request.name, request.filter])).toEqual([
      [
        'projects/millrace',
        'metric.type = "pubsub.googleapis.com/subscription/oldest_unacked_message_age" AND resource.labels.subscription_id = "event.shop.order.delivery"',
      ],
      [
        'projects/millrace',
        'metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id = "event.shop.order.delivery"',
      ],
    ]);
  });

  it('connects to the broker and to nothing else, in search of credentials', async () => {
    const { read, errors } = await probe(() => [['2026-11-21T13:00:00Z', 0]]);
    const connect = jest.spyOn(net.Socket.prototype, 'connect');
    expect(await read('shop.order')).toMatchObject({ undelivered: 0 });
    expect(errors).toEqual([]);
    const targets = connect.mock.calls.map(call => JSON.stringify(call));
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter(target => !target.includes('127.0.0.1'))).toEqual([]);
    connect.mockRestore();
    expect(warnings).not.toHaveBeenCalled();
  });

  it('has no reading when a metric is missing, or the broker fails', async () => {
    const halfSilent = await probe(filter =>
      isAge(filter) ? [] : [['2026-11-21T13:00:00Z', 0]],
    );
    expect(await halfSilent.read('shop.order')).toBeUndefined();
    expect(halfSilent.errors).toEqual([]);

    const failing = await probe(() => {
      throw Object.assign(new Error('denied'), { code: 7 });
    });
    expect(await failing.read('shop.order')).toBeUndefined();
    expect(failing.errors).toHaveLength(1);
  });

  it('asks again only after a while', async () => {
    let now = new Date('2026-11-21T13:00:00Z');
    const { read, requests } = await probe(
      () => [['2026-11-21T13:00:00Z', 0]],
      { clock: () => now, reuseMs: 1_000 },
    );
    await Promise.all([read('shop.order'), read('shop.order')]);
    await read('shop.order');
    expect(requests).toHaveLength(2);
    await read('shop.other');
    expect(requests).toHaveLength(4);
    now = new Date('2026-11-21T13:00:01Z');
    await read('shop.order');
    expect(requests).toHaveLength(6);
  });
});
