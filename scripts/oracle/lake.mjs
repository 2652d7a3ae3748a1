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
 * @returns {Promise<{ rows: { endpoint: string, partition: string, row: object }[],
 *   partitions: number, problems: string[] }>}
 */
export async function readLake(root) {
  const rows = [];
  const problems = [];
  const manifests = await findManifests(root);
  for (const { dir, endpoint } of newestRevisions(root, manifests)) {
    const partition = path.relative(root, dir);
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
      read.forEach(row => rows.push({ endpoint, partition, row }));
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
  }
  return { rows, partitions: manifests.length, problems };
}

async function findManifests(root) {
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
