import { manifestWithoutFiles } from '../__testUtils__/manifests';
import { formatManifest, parseManifest } from './parseManifest';
import { Manifest } from './types';

const file = {
  name: 'part-00000-0123456789abcdef.parquet',
  rows: 1,
  bytes: 10,
  sha256: '0'.repeat(64),
};
const manifest: Manifest = { ...manifestWithoutFiles(), files: [file] };
const keySums = {
  accepted: '2',
  delivered: '18446744073709551615',
  duplicates: '3',
  refused: '0',
};
const parse = (value: unknown) =>
  parseManifest(Buffer.from(JSON.stringify(value)));

describe('parseManifest', () => {
  it('reads what formatManifest wrote', () => {
    expect(parseManifest(formatManifest(manifest))).toEqual(manifest);
  });

  it('reads sums of keys, which add up modulo 2^64, and does without', () => {
    expect(parse({ ...manifest, keySums }).keySums).toEqual(keySums);
    expect(parse(manifest)).not.toHaveProperty('keySums');
  });

  it.each<[string, object]>([
    ['sums that do not add up', { keySums: { ...keySums, refused: '1' } }],
    [
      'a sum beyond 64 bits',
      { keySums: { ...keySums, accepted: `${2n ** 64n}` } },
    ],
    ['a sum as a number', { keySums: { ...keySums, accepted: 2 } }],
    ['a missing sum', { keySums: { accepted: '2' } }],
    ['another format', { formatVersion: 2 }],
    ['a file name with a path', { files: [{ ...file, name: '../x' }] }],
    ['a hidden file name', { files: [{ ...file, name: '.x' }] }],
    ['a short hash', { files: [{ ...file, sha256: 'abc' }] }],
    ['rows that are not delivered', { files: [{ ...file, rows: 2 }] }],
    ['a missing file list', { files: undefined }],
    [
      'books that do not balance',
      { counts: { ...manifest.counts, accepted: 2 } },
    ],
    ['a negative count', { counts: { ...manifest.counts, skewed: -1 } }],
    ['no time of sealing', { sealedAt: 'yesterday' }],
    ['no inputs', { inputs: {} }],
  ])('refuses %s', (_, change) => {
    expect(() => parse({ ...manifest, ...change })).toThrow(
      expect.objectContaining({ code: 'invalid_manifest' }),
    );
  });

  it.each(['', 'null', '[]', '"x"', '{'])('refuses the text %j', text => {
    expect(() => parseManifest(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'invalid_manifest' }),
    );
  });
});
