import { ManualClock, settleMicrotasks } from '../__testUtils__/manualClock';
import { BatchGatherer } from './batchGatherer';

describe('BatchGatherer', () => {
  let clock: ManualClock;
  let sent: { lines: string[]; arrive: (isCommitted: boolean) => void }[];

  function createGatherer(maxPendingBytes = 1_000) {
    return new BatchGatherer({
      clock,
      gatherMs: 10,
      maxBatchEvents: 3,
      maxBatchBytes: 100,
      maxPendingBytes,
      publish: lines =>
        new Promise(arrive => {
          const texts = lines.bytes.toString().trimEnd().split('\n');
          sent.push({ lines: texts, arrive });
        }),
    });
  }

  let gatherer: BatchGatherer;
  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    gatherer = createGatherer();
  });

  const add = (text: string, to = gatherer) => {
    const bytes = Buffer.from(`{${text}`);
    return to.add(Buffer.alloc(0), {
      bytes,
      start: 0,
      end: bytes.length,
      hasBreaks: true,
    });
  };
  const lines = () => sent.map(batch => batch.lines.join(''));

  it('sends what came together, without waiting, while nothing is on its way', () => {
    add('1');
    add('2');
    expect(lines()).toEqual([]);

    clock.advance(0);

    expect(lines()).toEqual(['12']);
  });

  it('gathers while a batch is on its way, until it has arrived', async () => {
    add('1');
    clock.advance(0);
    add('2');
    clock.advance(9);
    add('3');
    expect(lines()).toEqual(['1']);

    sent[0].arrive(true);
    await settleMicrotasks();

    expect(lines()).toEqual(['1', '23']);
  });

  it('gathers no longer than it may', () => {
    add('1');
    clock.advance(0);
    add('2');

    clock.advance(10);

    expect(lines()).toEqual(['1', '2']);
  });

  it('sends a full batch at once', () => {
    add('1');
    add('2');
    add('3');
    expect(lines()).toEqual(['123']);

    add('4');
    const long = 'y'.repeat(99);
    add(long);
    expect(lines()).toEqual(['123', '4', long]);
  });

  it('tells each line the fate of its own batch', async () => {
    const batches = ['1', '2', '3', '4'].map(line => add(line));
    const flushed = gatherer.flush();
    expect(lines()).toEqual(['123', '4']);

    sent[0].arrive(false);
    sent[1].arrive(true);

    await flushed;
    expect(batches.map(batch => batch?.isCommitted)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    await expect(batches[3]?.committed).resolves.toBe(true);
  });

  it('takes no line while more is on its way than it may hold', async () => {
    gatherer = createGatherer(6);
    expect(['1', '2', '3', '4'].map(each => add(each) !== undefined)).toEqual([
      true,
      true,
      true,
      false,
    ]);

    sent[0].arrive(true);
    await settleMicrotasks();

    expect(add('5')).toBeDefined();
  });

  it('writes each line once, with its prefix, and without line breaks', () => {
    const bytes = Buffer.from('..{"a":\r\n"b\\n"}..');
    gatherer.add(Buffer.from('{"first":1,'), {
      bytes,
      start: 2,
      end: bytes.length - 2,
      hasBreaks: true,
    });
    clock.advance(0);
    expect(sent[0].lines).toEqual(['{"first":1,"a":  "b\\n"}']);
  });
});
