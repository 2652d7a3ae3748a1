import fc from 'fast-check';
import { FlushLoop, FlushLoopOptions, HeldMessage } from './flushLoop';

interface TestMessage extends HeldMessage {
  acks: number;
}

function message(id: string, bytes: number = 10): TestMessage {
  return {
    id,
    data: Buffer.alloc(bytes),
    acks: 0,
    ack() {
      this.acks += 1;
    },
  };
}

const defaults = {
  maxBytes: 100,
  maxDelayMs: 1,
  backoff: { baseMs: 1, maxMs: 5 },
  onError: () => {},
};

function loopWith(
  options: Partial<FlushLoopOptions<TestMessage>> &
    Pick<FlushLoopOptions<TestMessage>, 'flush'>,
) {
  return new FlushLoop<TestMessage>({ ...defaults, ...options });
}

describe('FlushLoop', () => {
  it('flushes what came together, up to the size, in the order it came', async () => {
    const flushes: string[][] = [];
    const loop = loopWith({
      flush: async (messages, done) => {
        flushes.push(messages.map(({ id }) => id));
        messages.forEach(done);
      },
    });
    ['a', 'b', 'c'].forEach(id => loop.offer(message(id, 40)));
    await loop.stop();
    expect(flushes).toEqual([['a', 'b'], ['c']]);
  });

  it('does not wait out the delay once enough is held', async () => {
    const flushed = new Promise<void>(resolve => {
      const loop = loopWith({
        maxDelayMs: 2 ** 31 - 1,
        flush: async (messages, done) => {
          messages.forEach(done);
          resolve();
        },
      });
      loop.offer(message('a', 60));
      loop.offer(message('b', 60));
    });
    await expect(flushed).resolves.toBeUndefined();
  });

  it('keeps messages unacknowledged while flushing fails, and pauses longer each time', async () => {
    const pauses: number[] = [];
    let failuresLeft = 5;
    const held = message('a');
    const acksWhenFailing: number[] = [];
    await new Promise<void>(resolve => {
      const loop = loopWith({
        backoff: { baseMs: 1, maxMs: 8, random: () => 1 },
        onError: (_, retryMs) => pauses.push(retryMs),
        flush: async (messages, done) => {
          if (failuresLeft > 0) {
            failuresLeft -= 1;
            acksWhenFailing.push(held.acks);
            throw new Error('The ledger is away');
          }
          messages.forEach(done);
          resolve();
        },
      });
      loop.offer(held);
    });
    expect(pauses).toEqual([1, 2, 4, 8, 8]);
    expect(acksWhenFailing).toEqual([0, 0, 0, 0, 0]);
    expect(held.acks).toBe(1);
  });

  it('acknowledges the newer delivery too when the broker redelivers what is held', async () => {
    const [older, newer] = [message('a'), message('a')];
    await new Promise<void>(resolve => {
      const loop = loopWith({
        flush: async (messages, done) => {
          loop.offer(newer);
          messages.forEach(done);
          resolve();
        },
      });
      loop.offer(older);
    });
    expect([older.acks, newer.acks]).toEqual([1, 1]);
  });

  it('tries once more when stopped, and then leaves the rest to the broker', async () => {
    let attempts = 0;
    const held = message('a');
    const loop = loopWith({
      flush: async () => {
        attempts += 1;
        throw new Error('The disk is full');
      },
    });
    loop.offer(held);
    await loop.stop();
    loop.offer(message('too late'));
    expect(held.acks).toBe(0);
    expect(attempts).toBeGreaterThanOrEqual(1);
  });

  it('acknowledges each message exactly when it is finished, whatever fails in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 80 }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.infiniteStream(fc.integer({ min: 0, max: 4 })),
        async (sizes, chance) => {
          const messages = sizes.map((size, i) => message(`m${i}`, size));
          const finished = new Map<string, number>();
          let isFlushing = false;
          let failuresLeft = 10;
          const loop = loopWith({
            backoff: { baseMs: 0, maxMs: 0 },
            flush: async (batch, done) => {
              expect(isFlushing).toBe(false);
              isFlushing = true;
              await Promise.resolve();
              try {
                for (const one of batch) {
                  if (chance.next().value === 0 && failuresLeft > 0) {
                    failuresLeft -= 1;
                    throw new Error('By chance');
                  }
                  finished.set(one.id, (finished.get(one.id) ?? 0) + 1);
                  done(one);
                }
              } finally {
                isFlushing = false;
              }
            },
          });
          messages.forEach(one => loop.offer(one));
          while (finished.size < messages.length) {
            await new Promise(resolve => setImmediate(resolve));
          }
          await loop.stop();
          expect(messages.map(one => one.acks)).toEqual(sizes.map(() => 1));
          expect([...finished.values()]).toEqual(sizes.map(() => 1));
        },
      ),
      { numRuns: 50 },
    );
  });
});
