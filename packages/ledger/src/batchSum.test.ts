import fc from 'fast-check';
import { useLedger } from './__testUtils__/ledger';
import { addToSum, batchHash, findAlteredBatch } from './batchSum';

jest.setTimeout(60_000);

const crc = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const contents = fc.array(crc, { minLength: 1, maxLength: 50 });

const numbered = (crcs: number[]) =>
  crcs.map((each, index) => ({ batch: index + 1, crc: each }));
const sumOf = (batches: { batch: number; crc: number }[]) =>
  batches.reduce(
    (sum, each) => addToSum(sum, batchHash(each.batch, each.crc)),
    0n,
  );

describe('the sum of batches', () => {
  const ledger = useLedger();

  it('does not depend on their order', () => {
    fc.assert(
      fc.property(contents, crcs => {
        const batches = numbered(crcs);
        expect(sumOf([...batches].reverse())).toBe(sumOf(batches));
      }),
    );
  });

  it('sees one batch lost while another came twice', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.nat(), (crcs, a, b) => {
        const batches = numbered([...crcs, 7]);
        const lost = a % batches.length;
        const twice = b % batches.length;
        fc.pre(lost !== twice);
        const arrived = batches.map((each, index) =>
          index === lost ? batches[twice] : each,
        );
        expect(sumOf(arrived)).not.toBe(sumOf(batches));
      }),
    );
  });

  it('names the one batch whose content is another', () => {
    fc.assert(
      fc.property(contents, fc.nat(), crc, (crcs, at, other) => {
        const declared = numbered(crcs);
        const altered = at % declared.length;
        fc.pre(declared[altered].crc !== other);
        const found = declared.map((each, index) =>
          index === altered ? { ...each, crc: other } : each,
        );
        expect(findAlteredBatch(sumOf(declared), sumOf(found), found)).toBe(
          altered + 1,
        );
      }),
    );
  });

  it('names none when two are altered', () => {
    const declared = numbered([1, 2, 3, 4]);
    const found = numbered([1, 20, 30, 4]);
    expect(
      findAlteredBatch(sumOf(declared), sumOf(found), found),
    ).toBeUndefined();
  });

  it('is the same in SQL', async () => {
    const batches = fc.sample(
      fc.record({ batch: fc.integer({ min: 1, max: 2 ** 31 - 1 }), crc }),
      500,
    );
    const { rows } = await ledger().raw(
      `SELECT batch_hash(batch, crc)::text AS hash
       FROM unnest(:batches::integer[], :crcs::bigint[]) WITH ORDINALITY
         AS b (batch, crc, n)
       ORDER BY n`,
      {
        batches: batches.map(({ batch }) => batch),
        crcs: batches.map(each => each.crc),
      },
    );
    expect(rows.map(({ hash }: { hash: string }) => BigInt(hash))).toEqual(
      batches.map(each => batchHash(each.batch, each.crc)),
    );
  });
});
