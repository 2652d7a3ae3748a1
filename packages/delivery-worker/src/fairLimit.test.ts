import { createFairLimit } from './fairLimit';

/** A task that ends when it is told to. */
function task(name: string, log: string[]) {
  let end: (error?: Error) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = error => (error ? reject(error) : resolve());
  });
  return {
    end,
    run: async () => {
      log.push(name);
      await ended;
    },
  };
}

const settled = () => new Promise(resolve => setImmediate(resolve));

describe('a fair limit', () => {
  it('runs no more than it may, in the order they came', async () => {
    const log: string[] = [];
    const limit = createFairLimit(2);
    const tasks = ['a', 'b', 'c', 'd'].map(name => task(name, log));
    const all = tasks.map(({ run }) => limit(run));
    await settled();
    expect(log).toEqual(['a', 'b']);
    tasks[1].end();
    await settled();
    expect(log).toEqual(['a', 'b', 'c']);
    tasks.forEach(({ end }) => end());
    await Promise.all(all);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('lets a single task pass a flood that hands over one at a time', async () => {
    const log: string[] = [];
    const limit = createFairLimit(1);
    let isFlooding = true;
    const flood = (async () => {
      while (isFlooding) {
        await limit(async () => {
          log.push('flood');
          await settled();
        });
      }
    })();
    await settled();
    const before = log.length;
    await limit(async () => {
      log.push('single');
    });
    isFlooding = false;
    await flood;
    expect(log.indexOf('single') - before).toBeLessThanOrEqual(2);
  });

  it('goes on after a task has failed', async () => {
    const limit = createFairLimit(1);
    const failing = limit(async () => {
      throw new Error('no');
    });
    const next = limit(async () => 'done');
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('done');
  });
});
