import { encodeRecords, Finding, RecordKind, scanRecords } from './records';

const SEGMENT = 7;
const RECORDS = 12;

const segment = encodeRecords(
  SEGMENT,
  0,
  Array.from({ length: RECORDS }, (_, n) => ({
    kind: RecordKind.event,
    sequence: n + 1,
    payload: JSON.stringify({ n, text: 'ü'.repeat(n) }),
  })),
);
const ends = sequencesOf(scanRecords(segment, SEGMENT)).map(
  (_, n) => [...recordsOf(scanRecords(segment, SEGMENT))][n].end,
);

function recordsOf(findings: Iterable<Finding>) {
  return [...findings].flatMap(each => (each.found === 'record' ? [each] : []));
}

function sequencesOf(findings: Iterable<Finding>): number[] {
  return recordsOf(findings).map(({ sequence }) => sequence);
}

function others(findings: Finding[]) {
  return findings.filter(({ found }) => found !== 'record');
}

/** Index of the record a byte belongs to. */
function recordAt(offset: number): number {
  return ends.findIndex(end => offset < end);
}

describe('scanRecords', () => {
  it('reads back what was written', () => {
    const records = recordsOf(scanRecords(segment, SEGMENT));

    expect(records).toHaveLength(RECORDS);
    expect(records.map(({ number }) => number)).toEqual(
      Array.from({ length: RECORDS }, (_, n) => n),
    );
    expect(JSON.parse(String(records[3].payload))).toEqual({
      n: 3,
      text: 'üüü',
    });
  });

  it('loses exactly the record in which any bit of any byte is flipped', () => {
    for (let offset = 0; offset < segment.length; offset++) {
      const damaged = Buffer.from(segment);
      damaged[offset] ^= 1 << offset % 8;
      const hit = recordAt(offset) + 1;

      const findings = [...scanRecords(damaged, SEGMENT)];

      expect(sequencesOf(findings)).toEqual(
        Array.from({ length: RECORDS }, (_, n) => n + 1).filter(n => n !== hit),
      );
      expect(others(findings)).toHaveLength(1);
      expect(others(findings)[0].offset).toBeLessThanOrEqual(offset);
      expect(others(findings)[0].end).toBeGreaterThan(offset);
    }
  });

  it('finds every whole record of a segment cut off anywhere, and calls the rest torn', () => {
    for (let length = 0; length <= segment.length; length++) {
      const findings = [...scanRecords(segment.subarray(0, length), SEGMENT)];
      const whole = ends.filter(end => end <= length).length;

      expect(sequencesOf(findings)).toEqual(
        Array.from({ length: whole }, (_, n) => n + 1),
      );
      const isCutInside = length > 0 && !ends.includes(length);
      expect(others(findings).map(({ found }) => found)).toEqual(
        isCutInside ? ['torn'] : [],
      );
    }
  });

  it('goes on behind space that was overwritten with zeros', () => {
    for (let from = 0; from + 64 < ends[RECORDS - 2]; from += 5) {
      const damaged = Buffer.from(segment).fill(0, from, from + 64);
      const hit = new Set<number>();
      for (let offset = from; offset < from + 64; offset++) {
        hit.add(recordAt(offset) + 1);
      }

      expect(sequencesOf(scanRecords(damaged, SEGMENT))).toEqual(
        Array.from({ length: RECORDS }, (_, n) => n + 1).filter(
          n => !hit.has(n),
        ),
      );
    }
  });

  it('does not read a record twice that is there twice, nor one of another segment', () => {
    const twice = Buffer.concat([
      segment.subarray(0, ends[4]),
      segment.subarray(ends[1], ends[4]),
      segment.subarray(ends[4]),
    ]);
    const foreign = Buffer.concat([
      segment.subarray(0, ends[4]),
      encodeRecords(SEGMENT + 1, 5, [
        { kind: RecordKind.event, sequence: 99, payload: '{}' },
      ]),
      segment.subarray(ends[4]),
    ]);
    const all = Array.from({ length: RECORDS }, (_, n) => n + 1);

    expect(sequencesOf(scanRecords(twice, SEGMENT))).toEqual(all);
    expect(sequencesOf(scanRecords(foreign, SEGMENT))).toEqual(all);
    expect(others([...scanRecords(foreign, SEGMENT)])).toHaveLength(1);
  });

  it('keeps the greatest sequence and segment numbers', () => {
    const sequence = 2 ** 48 - 1;
    const number = 2 ** 48 - 1;
    const bytes = encodeRecords(number, 2 ** 32 - 1, [
      { kind: RecordKind.event, sequence, payload: '{}' },
    ]);

    expect(recordsOf(scanRecords(bytes, number))).toMatchObject([
      { sequence, number: 2 ** 32 - 1 },
    ]);
  });
});
