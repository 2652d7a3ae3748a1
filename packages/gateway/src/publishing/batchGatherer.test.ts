import { ManualClock, settleMicrotasks } from '../__testUtils__/manualClock';
import { BatchGatherer } from './batchGatherer';

describe('BatchGatherer', () => {
  let clock: ManualClock;
  let sent: { lines: string[]; arrive: (isCommitted: boolean) => void }[];
  let gatherer: BatchGatherer<string>;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    gatherer = new BatchGatherer({
      clock,
      gatherMs: 10,
      maxBatchEvents: 3,
      maxBatchBytes: 100,
      publish: (_context, lines) =>
        new Promise(arrive => {
          sent.push({ lines, arrive });
        }),
    });
  });

  const add = (line: string, key = 'a') => gatherer.add(key, key, line);
  const lines = () => sent.map(batch => batch.lines.join(''));

  it('sends what came together, without waiting, while nothing is on its way', () => {
    void add('1');
    void add('2');
    expect(lines()).toEqual([]);

    clock.advance(0);

    expect(lines()).toEqual(['12']);
  });

  it('gathers while a batch of the key is on its way, until it has arrived', async () => {
    void add('1');
    clock.advance(0);
    void add('2');
    clock.advance(9);
    void add('3');
    void add('x', 'b');
    clock.advance(0);
    expect(lines()).toEqual(['1', 'x']);

    sent[0].arrive(true);
    await settleMicrotasks();

    expect(lines()).toEqual(['1', 'x', '23']);
  });

  it('gathers no longer than it may', () => {
    void add('1');
    clock.advance(0);
    void add('2');

    clock.advance(10);

    expect(lines()).toEqual(['1', '2']);
  });

  it('sends a full batch at once', () => {
    void add('1');
    void add('2');
    void add('3');
    expect(lines()).toEqual(['123']);

    void add('4');
    const long = 'y'.repeat(99);
    void add(long);
    expect(lines()).toEqual(['123', '4', long]);
  });

  it('tells each line the fate of its own batch', async () => {
    const fates = ['1', '2', '3', '4'].map(line => add(line));
    const flushed = gatherer.flush();
    expect(lines()).toEqual(['123', '4']);

    sent[0].arrive(false);
    sent[1].arrive(true);

    await expect(Promise.all(fates)).resolves.toEqual([
      false,
      false,
      false,
      true,
    ]);
    await flushed;
  });
});
