import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./bareLmdb.mjs', import.meta.url));

/**
 * What LMDB alone commits durably on this disk.
 *
 * @param {import('../benchmarks/types').Context} context
 * @param {{ bytes: number, inFlight: number, ms: number }} options
 * @returns {Promise<number>} values per second
 */
export async function measureBareLmdb({ node, dir }, { bytes, inFlight, ms }) {
  const folder = path.join(dir, 'bare-lmdb');
  fs.mkdirSync(folder);
  try {
    const args = [program, folder, bytes, inFlight, ms].map(String);
    const { stdout } = await promisify(execFile)(node, args);
    return JSON.parse(stdout).perSecond;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
