import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Platform } from '../platform';

const compress = promisify(gzip);

export const nodePlatform: Platform = {
  byteLength: text => Buffer.byteLength(text),
  compress: async text => new Uint8Array(await compress(text)),
};
