import fc from 'fast-check';
import { VirtualClock } from './__testUtils__/virtualClock';
import { createProducer } from './node/createProducer';
import { Verdict } from './types';

/** What the scripted gateway does with one request. */
type Step =
  | { do: 'accept' }
  | { do: 'hang' }
  | { do: 'cutConnection' }
  | { do: 'status'; status: number; retryAfter?: string }
  | { do: 'foreign200' }
  | { do: 'miscount' }
  | { do: 'otherIds' }
  | { do: 'mixed'; fates: ('accept' | 'refuse' | 'retry')[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>(
    { do: 'accept' },
    { do: 'hang' },
    { do: 'cutConnection' },
    { do: 'foreign200' },
    { do: 'miscount' },
    { do: 'otherIds' },
  ),
  fc.record({
    do: fc.constant('status' as const),
    status: fc.constantFrom(302, 400, 401, 403, 404, 413, 429, 500, 503),
    retryAfter: fc.option(
      fc.constantFrom('0', '2', '-1', 'soon', 'Sat, 21 Nov 2026 12:00:30 GMT'),
      { nil: undefined },
    ),
  }),
  fc.record({
    do: fc.constant('mixed' as const),
    fates: fc.array(fc.constantFrom('accept', 'refuse', 'retry'), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
);

interface WireEvent {
  id: string;
  sequence: number;
  epoch: string;
}

/** Plays the script, then accepts; remembers what it has said and to whom. */
function scriptedGateway(script: Step[]) {
  const steps = [...script];
  const seen = new Map<string, Set<string>>();
  const said = {
    accepted: new Set<string>(),
    refused: new Set<string>(),
    twiceAtOnce: new Set<string>(),
  };
  let underWay = new Set<string>();

  const answer = (events: WireEvent[], fates: string[]) => {
    const fateOf = (index: number) => fates[index % fates.length];
    const failed = events.flatMap(({ id }, index) =>
      fateOf(index) === 'accept'
        ? []
        : [
            {
              index,
              id,
              reason: 'x',
              message: 'x',
              retriable: fateOf(index) === 'retry',
            },
          ],
    );
    events.forEach(({ id }, index) => {
      const fate = fateOf(index);
      if (fate !== 'retry') {
        said[fate === 'accept' ? 'accepted' : 'refused'].add(id);
      }
    });
    return {
      receipt: 'r',
      accepted: events.length - failed.length,
      refused: failed.filter(each => !each.retriable).length,
      failed,
    };
  };

  const respond = async (
    events: WireEvent[],
    signal: AbortSignal,
  ): Promise<Response> => {
    const next = steps.shift() ?? { do: 'accept' };
    switch (next.do) {
      case 'accept':
        return Response.json(answer(events, ['accept']));
      case 'mixed':
        return Response.json(answer(events, next.fates), { status: 207 });
      case 'cutConnection':
        throw new TypeError('fetch failed');
      case 'hang':
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      case 'foreign200':
        return new Response('<html>Hello</html>');
      case 'miscount':
        return Response.json({
          receipt: 'r',
          accepted: events.length + 1,
          refused: 0,
          failed: [],
        });
      case 'otherIds':
        return Response.json({
          receipt: 'r',
          accepted: events.length - 1,
          refused: 1,
          failed: [
            { index: 0, id: 'no', reason: 'x', message: 'x', retriable: false },
          ],
        });
      default: {
        const { status, retryAfter } = next;
        if (status === 413 && events.length === 1) {
          said.refused.add(events[0].id);
        }
        return new Response('', {
          status,
          headers: retryAfter ? { 'retry-after': retryAfter } : {},
        });
      }
    }
  };

  const fetchFromScript: typeof fetch = async (_url, init) => {
    const events: (WireEvent & object)[] = JSON.parse(String(init?.body));
    for (const event of events) {
      if (underWay.has(event.id)) {
        said.twiceAtOnce.add(event.id);
      }
      underWay.add(event.id);
      const versions = seen.get(event.id) ?? new Set();
      seen.set(event.id, versions.add(JSON.stringify(event)));
    }
    try {
      return await respond(events, init!.signal!);
    } finally {
      const gone = new Set(events.map(event => event.id));
      underWay = new Set([...underWay].filter(id => !gone.has(id)));
    }
  };
  return { fetch: fetchFromScript, seen, said };
}

describe('a producer under any script of faults', () => {
  it('settles every send exactly once, by a reply that says so, and never changes an event', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25, size: 'max' }),
        fc.integer({ min: 1, max: 40 }),
        fc.record({
          maxBatchEvents: fc.integer({ min: 1, max: 12 }),
          maxBatchBytes: fc.integer({ min: 200, max: 4000 }),
          maxConcurrentRequests: fc.integer({ min: 1, max: 4 }),
          flushIntervalMs: fc.integer({ min: 0, max: 500 }),
        }),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 10 }),
        async (script, count, limits, pauses) => {
          const clock = new VirtualClock();
          const gateway = scriptedGateway(script);
          const settlements = new Map<string, number>();
          const producer = createProducer({
            gatewayUrl: 'http://gateway',
            writeKey: 'k',
            source: '/s',
            clock,
            random: () => 0.5,
            fetch: gateway.fetch,
            onVerdict: ({ id }) =>
              settlements.set(id, (settlements.get(id) ?? 0) + 1),
            ...limits,
          });

          const sent: Promise<Verdict>[] = [];
          for (let n = 0; n < count; n++) {
            sent.push(producer.send({ type: 't', data: { n }, id: `e${n}` }));
            for (let i = pauses[n % pauses.length]; i > 0; i--) {
              clock.step();
              await new Promise(resolve => setImmediate(resolve));
            }
          }
          const verdicts = await clock.runUntil(Promise.all(sent));

          expect([...gateway.said.twiceAtOnce]).toEqual([]);
          expect(settlements.size).toBe(count);
          expect(new Set(settlements.values())).toEqual(new Set([1]));
          verdicts.forEach(({ id, status }, n) => {
            expect(id).toBe(`e${n}`);
            expect(gateway.said[status]).toContain(id);
            const versions = [...gateway.seen.get(id)!];
            expect(versions).toHaveLength(1);
            expect(JSON.parse(versions[0])).toMatchObject({
              sequence: n + 1,
              epoch: producer.epoch,
            });
          });
          const stats = producer.stats();
          expect(stats).toMatchObject({ sent: count, buffered: 0, gaveUp: 0 });
          expect(stats.bufferedBytes).toBe(0);
          expect(stats.accepted + stats.refused).toBe(count);
          await clock.runUntil(producer.close());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('at close, accounts for every event: a verdict, or an error that admits there is none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12, size: 'max' }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 5000 }),
        async (script, count, timeoutMs) => {
          const clock = new VirtualClock();
          const gateway = scriptedGateway(script);
          const producer = createProducer({
            gatewayUrl: 'http://gateway',
            writeKey: 'k',
            source: '/s',
            clock,
            random: () => 0.9,
            maxBatchEvents: 4,
            fetch: gateway.fetch,
          });
          const sent = Array.from({ length: count }, (_, n) =>
            producer.send({ type: 't', data: { n } }),
          );
          const settled = Promise.allSettled(sent);

          await clock.runUntil(producer.close({ timeoutMs }));

          const results = await settled;
          const unsaid = results.filter(
            result =>
              result.status === 'fulfilled' &&
              !gateway.said[result.value.status].has(result.value.id),
          );
          expect(unsaid).toEqual([]);
          const errors = results.flatMap(result =>
            result.status === 'rejected' ? [result.reason.code] : [],
          );
          expect(errors).toEqual(errors.map(() => 'gave_up'));
          const stats = producer.stats();
          expect(stats.accepted + stats.refused + stats.gaveUp).toBe(count);
          expect(stats.buffered).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
