import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  beginTestEvent,
  listTestEvents,
  migrateLedger,
  registerGateway,
} from '@millrace/ledger';
import type { Knex } from 'knex';
import { until } from '../__testUtils__/until';
import { TestEventSender } from './TestEventSender';

jest.setTimeout(60_000);

const TYPE = 'shop.order';

type Behaviour = (response: ServerResponse) => void;

const answer =
  (status: number, body: object): Behaviour =>
  response => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
const accept = answer(200, { receipt: 'receipt-1', failed: [] });
const refuse = answer(401, {
  error: { reason: 'invalid_write_key', message: 'unknown' },
});
const busy = answer(207, {
  receipt: 'receipt-0',
  failed: [
    { index: 0, reason: 'overloaded', message: 'later', retriable: true },
  ],
});
const drop: Behaviour = response => response.destroy();
const hang: Behaviour = () => {};

/** What goes wrong on the way; that it goes right is tested with a real gateway. */
describe('TestEventSender', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let ledger: Knex;
  let server: Server;
  let url: string;
  let script: Behaviour[];
  let bodies: string[];

  beforeAll(async () => {
    ledger = await databases.init('POSTGRES_18');
    await migrateLedger(ledger);
    server = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => {
        body += chunk;
      });
      request.on('end', () => {
        bodies.push(body);
        (script.shift() ?? accept)(response);
      });
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(async () => {
    script = [];
    bodies = [];
    await ledger('gateways').delete();
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  const startGateway = () =>
    registerGateway(ledger, {
      gateway: 'gateway-1',
      epoch: randomUUID(),
      startedAt: new Date(),
      url,
      pid: 1,
      leaseMs: 60_000,
    });

  const senderWith = (now: () => Date = () => new Date()) =>
    new TestEventSender({
      ledger,
      logger: mockServices.logger.mock(),
      now,
      random: () => 0,
    });

  async function send(sender: TestEventSender) {
    const testEventId = randomUUID();
    const { writeKey } = await beginTestEvent(ledger, {
      testEventId,
      eventType: TYPE,
      source: '/test',
      eventKey: randomUUID(),
      owner: 'group:default/webhooks',
      requestedBy: 'user:default/owner',
    });
    sender.send({ testEventId, writeKey, text: '{"n": 1}' });
    const read = async () => {
      const [record] = await listTestEvents(ledger, {
        eventType: TYPE,
        testEventId,
        limit: 1,
      });
      return record;
    };
    return {
      read,
      answered: async () => {
        await until(async () => (await read()).state !== 'sending');
        return read();
      },
    };
  }

  it('sends the same again until there is an answer', async () => {
    await startGateway();
    script = [drop, refuse, busy, accept];
    const { answered } = await send(senderWith());
    await expect(answered()).resolves.toMatchObject({
      state: 'accepted',
      receipt: 'receipt-1',
    });
    expect(bodies).toEqual(Array(4).fill('[{"n": 1}]'));
  });

  it('takes what is refused as a whole for the answer', async () => {
    await startGateway();
    const body = { error: { reason: 'body_too_large', message: 'too large' } };
    script = [answer(413, body)];
    const { answered } = await send(senderWith());
    await expect(answered()).resolves.toMatchObject({
      state: 'refused',
      refusal: { stage: 'gateway', reason: 'body_too_large' },
    });
    expect(bodies).toHaveLength(1);
  });

  it('says that no gateway is alive while it waits for one, and when it gives up', async () => {
    let now = Date.now();
    const { read, answered } = await send(senderWith(() => new Date(now)));
    await until(async () => (await read()).message !== undefined);
    expect(await read()).toMatchObject({
      state: 'sending',
      message: expect.stringContaining('No gateway is alive'),
    });
    now += 60_000;
    await expect(answered()).resolves.toMatchObject({
      state: 'unanswered',
      message: expect.stringContaining('No gateway is alive'),
    });
  });

  it('says of what it breaks off that there was no answer', async () => {
    await startGateway();
    script = [hang];
    const sender = senderWith();
    const { read } = await send(sender);
    await until(() => bodies.length === 1);
    await sender.stop();
    await expect(read()).resolves.toMatchObject({
      state: 'unanswered',
      message: expect.stringContaining('stopped'),
    });
  });
});
