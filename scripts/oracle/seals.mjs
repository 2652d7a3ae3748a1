import fs from 'node:fs/promises';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { findManifests } from './lake.mjs';

/**
 * Watches that what is sealed stays as it is: each file that a manifest names,
 * and the manifest, is hashed when it is first seen and again at the end.
 *
 * Files of ids may go when a merged one has taken their place; as long as one is
 * there it has to be what it was.
 *
 * @param {string} root the lake's folder
 */
export function createSealWatch(root) {
  /** @type {Map<string, string>} SHA-256 by path */
  const seen = new Map();
  const seenFolders = new Set();
  const mayGo = new Set();

  /** Takes down what has been sealed since the last look. */
  async function look() {
    for (const dir of await findManifests(root)) {
      if (seenFolders.has(dir)) continue;
      seenFolders.add(dir);
      const manifest = JSON.parse(
        await fs.readFile(path.join(dir, 'manifest.json'), 'utf8'),
      );
      const ids = [manifest.ids ?? []].flat().map(({ name }) => name);
      ids.forEach(name => mayGo.add(path.join(dir, name)));
      const names = manifest.files.map(({ name }) => name);
      for (const name of ['manifest.json', ...names, ...ids]) {
        const file = path.join(dir, name);
        const hash = await hashOf(file);
        if (hash !== undefined || !mayGo.has(file)) seen.set(file, hash);
      }
    }
    return seen.size;
  }

  return {
    look,
    /** @returns {Promise<{ files: number, problems: string[] }>} */
    async verify() {
      await look();
      const problems = [];
      for (const [file, before] of seen) {
        const now = await hashOf(file);
        const name = path.relative(root, file);
        if (before === undefined) {
          problems.push(`changed: ${name} was sealed and was never there`);
        } else if (now === undefined) {
          if (!mayGo.has(file)) problems.push(`changed: ${name} is gone`);
        } else if (now !== before) {
          problems.push(`changed: ${name} is not what was sealed`);
        }
      }
      return { files: seen.size, problems };
    },
  };
}

async function hashOf(file) {
  try {
    return createHash('sha256')
      .update(await fs.readFile(file))
      .digest('hex');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}
