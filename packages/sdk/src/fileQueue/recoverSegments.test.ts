import { FaultyDisk } from '../__testUtils__/faultyDisk';
import { encodeRecords, RecordInput, RecordKind } from './records';
import { recoverSegments } from './recoverSegments';
import { segmentPath } from './segments';

describe('recoverSegments', () => {
  it('counts an event once that was written again, though a crash took the start of the newer file', async () => {
    const disk = new FaultyDisk().mount(() => {});
    const event = (id: string, sequence: number): RecordInput => ({
      kind: RecordKind.event,
      sequence,
      payload: JSON.stringify({ id, epoch: 'e', sequence }),
    });
    const header: RecordInput = {
      kind: RecordKind.header,
      payload: JSON.stringify({
        producer: 'p',
        epoch: 'e',
        firstSequence: 1,
        earlier: [],
      }),
    };
    const older = encodeRecords(1, 0, [
      header,
      event('one', 1),
      // Its sync failed, so it was written again.
      event('two', 2),
    ]);
    const newer = encodeRecords(2, 0, [
      header,
      event('two', 2),
      event('three', 3),
    ]);
    newer.fill(0, 0, 60);
    for (const [number, bytes] of [older, newer].entries()) {
      const file = await disk.create(segmentPath('/queue', number + 1));
      await file.write(bytes, 0);
    }

    const { segments, events, losses } = await recoverSegments(disk, '/queue');

    expect(
      segments.map(each => [each.firstSequence, each.lastSequence]),
    ).toEqual([
      [1, 1],
      [2, 3],
    ]);
    expect(segments[0].bytes).toBeLessThan(older.length);
    expect(events).toBe(3);
    expect(losses).toEqual([]);
  });
});
