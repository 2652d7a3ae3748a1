import { zstdDecompressSync } from 'node:zlib';
import { storedFrame } from './storedFrame';

describe('storedFrame', () => {
  it.each([0, 1, 255, 256, 257, 4_095, 65_535, 65_791])(
    'holds %i bytes so that zstd reads them back',
    length => {
      const bytes = Buffer.alloc(length, 'x{"a":1}');
      expect(zstdDecompressSync(storedFrame(bytes))).toEqual(bytes);
    },
  );

  it('refuses more than it can say the size of', () => {
    expect(() => storedFrame(Buffer.alloc(65_792))).toThrow(RangeError);
  });
});
