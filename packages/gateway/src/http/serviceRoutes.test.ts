import { event } from '../__testUtils__/fixtures';
import { FakeBroker } from '../__testUtils__/fakeBroker';
import { createTestIntake } from '../__testUtils__/testIntake';
import { startTestServer, TestServer } from '../__testUtils__/testServer';
import { EVENT_REASONS, REQUEST_REASONS } from '../errors';
import { Readiness } from './serviceRoutes';

describe('the service routes', () => {
  let broker: FakeBroker;
  let server: TestServer;
  let readiness: Readiness;

  beforeEach(async () => {
    readiness = { generation: 7, broker: 'ok', stopping: false };
    broker = new FakeBroker();
    server = await startTestServer(createTestIntake({ broker }), {
      readiness: () => readiness,
    });
  });
  afterEach(() => server.stop());

  const get = (path: string) => fetch(`${server.url}${path}`);

  it('tell whether the process is alive', async () => {
    readiness = { generation: undefined, broker: 'failing', stopping: true };
    expect((await get('/healthz')).status).toBe(200);
  });

  it.each<[Partial<Readiness>, number]>([
    [{}, 200],
    [{ generation: undefined }, 503],
    [{ broker: 'failing' }, 503],
    [{ broker: 'unknown' }, 503],
    [{ stopping: true }, 503],
  ])('answer, with %j, readiness by status %i', async (change, status) => {
    readiness = { ...readiness, ...change };
    const response = await get('/readyz');
    expect(response.status).toBe(status);
    await expect(response.json()).resolves.toMatchObject({
      ...JSON.parse(JSON.stringify(readiness)),
      ready: status === 200,
    });
  });

  it('count events by fate, type and reason, and batches by outcome', async () => {
    await server.post([
      event(),
      event(),
      event({ data: {} }),
      event({ type: 'shop.refund' }),
      event({ type: 'no.such' }),
    ]);
    broker.mode = 'fail';
    await server.post([event()]);

    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const lines = (await response.text()).split('\n');
    const valueOf = (series: string) =>
      lines.find(line => line.startsWith(`${series} `))?.split(' ')[1];
    expect(
      [
        'events_total{fate="accepted",event_type="shop.order"}',
        'events_total{fate="accepted",event_type="shop.refund"}',
        'events_total{fate="refused",event_type="shop.order"}',
        'events_total{fate="refused",event_type=""}',
        'events_total{fate="retriable",event_type="shop.order"}',
        'refused_events_total{reason="missing_field"}',
        'refused_events_total{reason="event_type_unknown"}',
        'batches_total{outcome="committed"}',
        'batches_total{outcome="given_up"}',
        'request_seconds_count{path="/v1/events",status="207"}',
        'request_seconds_count{path="/v1/events",status="503"}',
        'config_generation',
      ].map(series => valueOf(`millrace_gateway_${series}`)),
    ).toEqual(['2', '1', '1', '1', '1', '1', '1', '4', '1', '1', '1', '1']);
    expect(lines.join('\n')).not.toContain('no.such');
  });

  it('describe the whole contract, with every reason code', async () => {
    const response = await get('/openapi.json');
    const document = await response.json();
    expect(document.openapi).toMatch(/^3\.1/);
    const { schemas } = document.components;
    expect(schemas.FailedEvent.properties.reason.enum.sort()).toEqual(
      Object.keys(EVENT_REASONS).sort(),
    );
    const { error } = schemas.ErrorReply.properties;
    expect(error.properties.reason.enum.sort()).toEqual(
      Object.keys(REQUEST_REASONS).sort(),
    );
    const { responses } = document.paths['/v1/events'].post;
    // A wrong path, method or gateway is no part of the contract.
    const statuses = Object.values(REQUEST_REASONS).filter(
      status => ![404, 405, 500].includes(status),
    );
    expect(Object.keys(responses).map(Number)).toEqual(
      expect.arrayContaining([200, 207, ...statuses]),
    );
    for (const [, name] of JSON.stringify(document).matchAll(
      /#\/components\/schemas\/(\w+)/g,
    )) {
      expect(schemas).toHaveProperty(name);
    }
  });
});
