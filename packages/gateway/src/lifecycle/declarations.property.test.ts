import { addToSum, batchHash } from '@millrace/ledger';
import fc from 'fast-check';
import { ANY_KEY, event } from '../__testUtils__/fixtures';
import { FakeBroker } from '../__testUtils__/fakeBroker';
import { ManualClock, settleMicrotasks } from '../__testUtils__/manualClock';
import { createTestIntake } from '../__testUtils__/testIntake';
import { EventsReply, receiveEvents } from '../intake';
import { Declaration } from './bucketBook';
import { Declarer } from './declarer';
import { GatewayLedger } from './gatewayLedger';

jest.setTimeout(60_000);

const TYPES = ['shop.order', 'shop.refund'];
const BUCKET_MS = 10_000;

const action = fc.oneof(
  fc.record({
    do: fc.constant('request' as const),
    types: fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 9 }),
  }),
  fc.record({
    do: fc.constant('wait' as const),
    ms: fc.oneof(fc.nat(15), fc.nat(12_000)),
  }),
  fc.record({
    do: fc.constant('broker' as const),
    mode: fc.constantFrom<FakeBroker['mode']>(
      'commit',
      'fail',
      'commitButFail',
      'wait',
    ),
  }),
  fc.constant({ do: 'release' as const }),
  fc.record({ do: fc.constant('ledger' as const), isUp: fc.boolean() }),
  fc.constant({ do: 'declare' as const }),
  fc.constant({ do: 'setBack' as const }),
);

class FakeLedger implements GatewayLedger {
  isUp = true;
  readonly declarations: Declaration[] = [];
  compareSnapshot = async () => 'none' as const;
  readSnapshot = async () => undefined;
  recordKeyUses = async () => {};
  heartbeat = async () => new Date();
  end = async () => {};

  async declare(declaration: Declaration): Promise<void> {
    if (!this.isUp) {
      throw new Error('The database is away');
    }
    this.declarations.push(declaration);
  }
}

describe('declarations', () => {
  it('equal what was accepted, under any schedule of requests, faults and bucket edges', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 40, size: 'max' }),
        fc.integer({ min: 1, max: 6 }),
        async (actions, maxBatchEvents) => {
          const clock = new ManualClock();
          const start = clock.now();
          const broker = new FakeBroker();
          const ledger = new FakeLedger();
          const intake = createTestIntake({
            broker,
            clock,
            limits: { maxBatchEvents },
          });
          const declarer = new Declarer(intake.book, ledger);
          const declare = () => declarer.run().catch(() => {});
          const replies: Promise<EventsReply>[] = [];

          for (const step of actions) {
            switch (step.do) {
              case 'request': {
                const body = step.types.map(type => event({ type }));
                const reply = receiveEvents(
                  {
                    method: 'POST',
                    path: '/v1/events',
                    query: new URLSearchParams(),
                    address: '127.0.0.1',
                    countFor: () => {},
                    headers: { authorization: `Bearer ${ANY_KEY}` },
                    readBody: async () => Buffer.from(JSON.stringify(body)),
                  },
                  intake,
                );
                replies.push(reply.then(each => each.body as EventsReply));
                break;
              }
              case 'wait':
                clock.advance(step.ms);
                break;
              case 'broker':
                broker.mode = step.mode;
                break;
              case 'release':
                broker.release();
                break;
              case 'ledger':
                ledger.isUp = step.isUp;
                break;
              case 'declare':
                await declare();
                break;
              default:
                clock.setBack(BUCKET_MS);
            }
            await settleMicrotasks();
          }
          // The farewell, as the gateway says it.
          broker.mode = broker.mode === 'wait' ? 'commit' : broker.mode;
          const all = Promise.all(replies);
          let isAnswered = false;
          void all.then(() => {
            isAnswered = true;
          });
          while (!isAnswered) {
            clock.advance(20);
            broker.release();
            await settleMicrotasks();
          }
          intake.book.close();
          await intake.events.flush();
          ledger.isUp = true;
          await declare();

          const accepted = (await all).reduce(
            (sum, reply) => sum + reply.accepted,
            0,
          );
          const counts = ledger.declarations.flatMap(
            ({ bucket, counts: each }) =>
              each.map(count => ({ ...count, start: bucket.start.getTime() })),
          );
          expect(counts.reduce((sum, count) => sum + count.events, 0)).toBe(
            accepted,
          );

          for (const { start: bucket, eventType, ...count } of counts) {
            const batches = broker.batches.filter(
              ({ header }) =>
                header.eventType === eventType &&
                header.bucket.start.getTime() === bucket,
            );
            const abandoned = new Set(count.abandonedBatches);
            const confirmed = batches.filter(
              ({ header }) => !abandoned.has(header.batch),
            );
            const numbers = [
              ...confirmed.map(({ header }) => header.batch),
              ...abandoned,
            ].sort((a, b) => a - b);
            expect(numbers).toEqual(
              Array.from({ length: count.lastBatch }, (_, n) => n + 1),
            );
            expect(count.events).toBe(
              confirmed.reduce((sum, { events }) => sum + events.length, 0),
            );
            expect(count.batchesSum).toBe(
              confirmed.reduce(
                (sum, { header: { batch }, crc }) =>
                  addToSum(sum, batchHash(batch, crc)),
                0n,
              ),
            );
          }
          for (const { header, events, crc } of broker.batches) {
            expect(header.events).toBe(events.length);
            expect(header.crc).toBe(crc);
            expect(events.length).toBeLessThanOrEqual(maxBatchEvents);
            for (const { receivedAt } of events) {
              const offset =
                Date.parse(receivedAt) - header.bucket.start.getTime();
              expect(offset).toBeGreaterThanOrEqual(0);
              expect(offset).toBeLessThan(BUCKET_MS);
            }
          }
          // Each bucket of this life is declared once, and none is left out.
          const starts = ledger.declarations
            .map(({ bucket }) => bucket.start.getTime())
            .sort((a, b) => a - b);
          expect(starts).toEqual(
            starts.map(
              (_, n) =>
                Math.floor(start / BUCKET_MS) * BUCKET_MS + n * BUCKET_MS,
            ),
          );
          expect(starts.length).toBeGreaterThan(0);
          const declaredTypes = new Set(
            counts.map(each => `${each.start}${each.eventType}`),
          );
          for (const { header } of broker.batches) {
            expect(declaredTypes).toContain(
              `${header.bucket.start.getTime()}${header.eventType}`,
            );
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
