import fc from 'fast-check';
import { ANY_KEY, event } from '../__testUtils__/fixtures';
import { DEFAULT_LIMITS } from '../options';
import { compiledSnapshot } from '../__testUtils__/compiledSnapshot';
import { judgeEvent } from './judgeEvent';
import { Recognizer } from './recognizer';

const snapshot = compiledSnapshot();
const writeKey = [...snapshot.writeKeys.values()].find(key =>
  ANY_KEY.includes(key.keyId),
)!;

function recognised(text: string, recognizer = new Recognizer()): boolean {
  const bytes = Buffer.from(text);
  const end = recognizer.match(bytes, 0, snapshot, writeKey.eventTypes);
  return end === bytes.length;
}

function judged(text: string) {
  const bytes = Buffer.from(text);
  return judgeEvent(
    { bytes, start: 0, end: bytes.length, hasBreaks: true },
    { snapshot, writeKey, limits: DEFAULT_LIMITS },
  );
}

const attributes = fc.record(
  {
    time: fc.constantFrom('2026-11-21T12:00:00Z', 'yesterday', null),
    producer: fc.constantFrom('p', '', 'a\u0085b', 'ü'),
    epoch: fc.string({ maxLength: 5 }),
    sequence: fc.oneof(fc.integer(), fc.constant('7')),
    datacontenttype: fc.constantFrom('application/json', 'text/xml'),
    subject: fc.oneof(fc.string(), fc.constant({})),
    Strange: fc.constant('x'),
    data_base64: fc.constant('YQ=='),
    id: fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.nat(),
      fc.constant('x'.repeat(300)),
    ),
    type: fc.constantFrom('shop.order', 'shop.refund', 'shop.nothing'),
    data: fc.record(
      {
        orderId: fc.oneof(fc.string(), fc.nat()),
        amount: fc.double(),
        count: fc.oneof(fc.integer(), fc.constant(2 ** 60)),
        extra: fc.jsonValue(),
        more: fc.nat(),
      },
      { requiredKeys: ['orderId'] },
    ),
  },
  { requiredKeys: [] },
);

/** Changes in two places at most: most events are nearly right. */
const overridesOfFew = fc
  .tuple(attributes, fc.nat(), fc.nat())
  .map(([all, ...picks]) => {
    const entries = Object.entries(all);
    return Object.fromEntries(
      picks.flatMap(pick => entries.slice(pick % 12, (pick % 12) + 1)),
    );
  });

describe('Recognizer', () => {
  it('recognises nothing that a close look would refuse, in any order of attributes', () => {
    let count = 0;
    // One for all: what it learns from one event must not mislead it.
    const recognizer = new Recognizer();
    fc.assert(
      fc.property(
        overridesOfFew,
        fc.array(fc.nat()),
        fc.nat(200),
        fc.constantFrom('', '', '', '"', ',', '}', '"id":"b",', ' ', '9'),
        (overrides, order, at, insert) => {
          const entries = Object.entries(event(overrides));
          order.forEach((from, to) => {
            const [moved] = entries.splice(from % entries.length, 1);
            entries.splice(to % entries.length, 0, moved);
          });
          const json = JSON.stringify(Object.fromEntries(entries));
          const text = json.slice(0, at) + insert + json.slice(at);
          if (!recognised(text, recognizer)) {
            return true;
          }
          count += 1;
          const { kind, eventType } = judged(text);
          return kind === 'accepted' && eventType === recognizer.eventType;
        },
      ),
      { numRuns: 3_000 },
    );
    expect(count).toBeGreaterThan(100);
  });

  it('recognises what ordinary senders send', () => {
    const full = event({
      time: '2026-11-21T12:00:00.123Z',
      producer: 'p-1',
      epoch: 'e-1',
      sequence: 7,
      datacontenttype: 'application/json',
      subject: 'basket 7',
      traceparent: '00-1-2-03',
      data: { orderId: 'o', amount: 1.5, extra: { any: ['thing', null] } },
    });
    expect(recognised(JSON.stringify(full))).toBe(true);
    expect(recognised(JSON.stringify(full, undefined, 2))).toBe(true);
    const sorted = Object.fromEntries(Object.entries(full).sort());
    expect(Object.keys(sorted)[0]).toBe('data');
    expect(recognised(JSON.stringify(sorted))).toBe(true);
  });

  it('leaves a type that the write key may not send to a close look', () => {
    const bytes = Buffer.from(JSON.stringify(event()));
    const allows = (types: string[]) =>
      new Recognizer().match(bytes, 0, snapshot, types) === bytes.length;
    expect(allows(['shop.order'])).toBe(true);
    expect(allows(['shop.refund'])).toBe(false);
  });
});
