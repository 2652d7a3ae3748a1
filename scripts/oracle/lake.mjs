import fs from 'node:fs/promises';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/**
 * Reads every visible partition of a lake with a Parquet reader that is not
 * the one that wrote it, and checks each file against its manifest.
 *
 * @param {string} root the lake's folder
 * @param {{ known?: Map<string, object[]> }} options `known`: the rows of
 *   folders that were read before and need not be read again, filled by this
 *   call; whether their files are still the same is for `seals.mjs` to say
 * @returns {Promise<{ rows: { endpoint: string, partition: string, row: object }[],
 *   partitions: number, problems: string[] }>}
 */
export async function readLake(root, { known = new Map() } = {}) {
  const rows = [];
  const problems = [];
  const manifests = await findManifests(root);
  for (const { dir, endpoint } of newestRevisions(root, manifests)) {
    const partition = path.relative(root, dir);
    if (known.has(dir)) {
      known.get(dir).forEach(row => rows.push({ endpoint, partition, row }));
      continue;
    }
    const problemsBefore = problems.length;
    const own = [];
    const manifest = JSON.parse(
      await fs.readFile(path.join(dir, 'manifest.json'), 'utf8'),
    );
    const listed = new Set(manifest.files.map(({ name }) => name));
    for (const name of await fs.readdir(dir)) {
      if (name.endsWith('.parquet') && !listed.has(name)) {
        problems.push(`${partition}/${name} is not in the manifest`);
      }
    }
    let delivered = 0;
    for (const { name, rows: declared, sha256 } of manifest.files) {
      const file = path.join(dir, name);
      const actual = createHash('sha256')
        .update(await fs.readFile(file))
        .digest('hex');
      if (actual !== sha256) {
        problems.push(`${partition}/${name} is not the file that was sealed`);
      }
      const read = await parquetReadObjects({
        file: await asyncBufferFromFile(file),
        compressors,
      });
      if (read.length !== declared) {
        problems.push(
          `${partition}/${name} has ${read.length} rows, its manifest says ${declared}`,
        );
      }
      delivered += read.length;
      own.push(...read);
    }
    const { counts } = manifest;
    if (counts.delivered !== delivered) {
      problems.push(
        `${partition} says ${counts.delivered} delivered and holds ${delivered}`,
      );
    }
    if (
      counts.accepted !==
      counts.delivered + counts.duplicates + counts.refused
    ) {
      problems.push(`${partition}: the counts do not add up`);
    }
    own.forEach(row => rows.push({ endpoint, partition, row }));
    if (problems.length === problemsBefore) known.set(dir, own);
  }
  return { rows, partitions: manifests.length, problems };
}

/** The folders of the lake that hold a manifest. */
export async function findManifests(root) {
  const entries = await fs
    .readdir(root, { recursive: true, withFileTypes: true })
    .catch(() => []);
  return entries
    .filter(entry => entry.isFile() && entry.name === 'manifest.json')
    .map(entry => entry.parentPath ?? entry.path);
}

/** Of the revisions of one partition only the newest one counts. */
function newestRevisions(root, dirs) {
  const newest = new Map();
  for (const dir of dirs) {
    const parent = path.dirname(dir);
    const known = newest.get(parent);
    if (!known || path.basename(known) < path.basename(dir)) {
      newest.set(parent, dir);
    }
  }
  return [...newest.values()].map(dir => ({
    dir,
    endpoint: path.relative(root, dir).split(path.sep)[0],
  }));
}
