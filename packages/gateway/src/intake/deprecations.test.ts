import { createSnapshot, event } from '../__testUtils__/fixtures';
import { compiledSnapshot } from '../__testUtils__/compiledSnapshot';
import { FakeBroker } from '../__testUtils__/fakeBroker';
import { createTestIntake } from '../__testUtils__/testIntake';
import { startTestServer, TestServer } from '../__testUtils__/testServer';
import { parseSnapshot } from '../snapshot/parseSnapshot';

const deprecation = {
  since: '2026-11-21T12:00:00.000Z',
  endsOn: '2027-01-31',
  successor: 'shop.order.v2',
};

describe('deprecated event types', () => {
  let server: TestServer;

  beforeEach(async () => {
    const snapshot = createSnapshot();
    const [order, ...others] = snapshot.eventTypes;
    const deprecated = compiledSnapshot(
      parseSnapshot({
        ...snapshot,
        eventTypes: [{ ...order, deprecation }, ...others],
      }),
    );
    server = await startTestServer({
      ...createTestIntake({ broker: new FakeBroker() }),
      snapshot: () => deprecated,
    });
  });
  afterEach(() => server.stop());

  it('are accepted as ever, and their sender is told', async () => {
    const { status, body, headers } = await server.post([
      event(),
      event({ data: {} }),
      event({ type: 'shop.refund' }),
    ]);
    expect(status).toBe(207);
    expect(body).toMatchObject({
      accepted: 2,
      deprecated: [{ type: 'shop.order', ...deprecation }],
    });
    expect(headers.get('deprecation')).toBe('@1795262400');
    expect(headers.get('sunset')).toBe('Sun, 31 Jan 2027 23:59:59 GMT');
  });

  it('say nothing to who does not send them', async () => {
    const { body, headers } = await server.post([
      event({ type: 'shop.refund' }),
    ]);
    expect(body).not.toHaveProperty('deprecated');
    expect(headers.has('deprecation')).toBe(false);
    expect(headers.has('sunset')).toBe(false);
  });
});
