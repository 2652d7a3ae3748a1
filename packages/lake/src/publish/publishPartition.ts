import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeError } from '../errors';
import {
  findImbalance,
  formatManifest,
  Manifest,
  manifestKeyOf,
  parseManifest,
  PartitionFile,
  readManifestBytes,
} from '../manifest';
import { ID_FILE_EXTENSION } from '../ids/idFiles';
import { LakeStore } from '../store';
import { hashBytes, hashFile } from './hashFile';

/** A finished local file that is to become part of a partition. @public */
export interface LocalPart {
  localFile: string;
  rows: number;
}

/** @public */
export interface PublishPartitionOptions {
  /** From `partitionPath`. */
  path: string;
  /** None for a bucket without events. */
  files: LocalPart[];
  /** The ids of the events in the files; see `Manifest.ids`. */
  ids?: LocalPart;
  /** Everything but the files, which are described here. */
  manifest: Omit<Manifest, 'files' | 'ids'>;
}

/** @public */
export interface PublishedPartition {
  manifestKey: string;
  /** In hex. */
  manifestSha256: string;
  /** The manifest in force: the adopted one, if one was adopted. */
  manifest: Manifest;
  /** An earlier attempt from the same inputs had got this far. */
  adopted: boolean;
}

/**
 * Makes local files a partition that readers see.
 *
 * Guarantees:
 * - All or nothing: parts first, the manifest last. A crash before the manifest
 *   leaves parts that no reader looks at; the next attempt removes them.
 * - Exactly one manifest, whoever else is publishing. An existing one from the
 *   same inputs is adopted: that is what a crash between publishing and the
 *   ledger's commit looks like. One from other inputs is `partition_exists`.
 * - A file named by a manifest is never touched again. Therefore a part's name
 *   carries the hash of its content: another attempt's part has another name
 *   or the same bytes, and nobody needs to delete a name to reuse it. With
 *   fixed names a sealer that had stalled since before the manifest could
 *   "replace a left-over" that had become the sealed file.
 *
 * @throws LakeError with code `partition_exists`, `partition_damaged` (the
 * existing manifest names a file that is not there) or `invalid_manifest` (the
 * counts do not add up)
 * @public
 */
export async function publishPartition(
  store: LakeStore,
  options: PublishPartitionOptions,
): Promise<PublishedPartition> {
  const { path } = options;
  const published = await adoptPublished(store, options);
  if (published) {
    return published;
  }

  const { manifest, manifestKey, bytes } = await placePartition(store, options);
  if ((await store.putBytesIfAbsent(manifestKey, bytes)) === 'exists') {
    const winner = await adoptPublished(store, options);
    if (winner) {
      return winner;
    }
    throw new LakeError(
      'partition_damaged',
      `The manifest of ${path} vanished while it was being published`,
    );
  }
  await removeUnnamedFiles(store, path, manifest);
  return {
    manifestKey,
    manifestSha256: hashBytes(bytes),
    manifest,
    adopted: false,
  };
}

/** A partition all of whose files are in the store but the manifest. @public */
export interface PlacedPartition {
  manifestKey: string;
  /** What the manifest is to be. */
  bytes: Buffer;
  /** The same as a reader will see it. */
  manifest: Manifest;
}

/**
 * Puts the files of a partition into the store, and not the manifest: no reader
 * sees anything of it. Repeating it changes nothing.
 *
 * @throws LakeError with code `invalid_manifest` (the counts do not add up)
 * @public
 */
export async function placePartition(
  store: LakeStore,
  options: PublishPartitionOptions,
): Promise<PlacedPartition> {
  const { path } = options;
  const files: PartitionFile[] = [];
  for (const [index, part] of options.files.entries()) {
    const number = String(index).padStart(5, '0');
    files.push(
      await placeFile(
        store,
        path,
        part,
        hash => `part-${number}-${hash}.parquet`,
      ),
    );
  }
  const ids =
    options.ids &&
    (await placeFile(
      store,
      path,
      options.ids,
      hash => `ids-${hash}${ID_FILE_EXTENSION}`,
    ));
  const manifest: Manifest = { ...options.manifest, files, ids };
  const imbalance = findImbalance(manifest);
  if (imbalance) {
    throw new LakeError(
      'invalid_manifest',
      `Refused to publish ${path}: ${imbalance}`,
    );
  }
  const bytes = formatManifest(manifest);
  return {
    manifestKey: manifestKeyOf(path),
    bytes,
    // As a reader sees it, for example without keys that are undefined.
    manifest: parseManifest(bytes),
  };
}

/**
 * Makes a partition that was placed one that readers see. Whoever repeats it has
 * to have the very same manifest.
 *
 * @throws LakeError with code `partition_exists` (another manifest is there) or
 * `partition_damaged` (a file that it names is not)
 * @public
 */
export async function publishManifest(
  store: LakeStore,
  options: { path: string; bytes: Buffer },
): Promise<void> {
  const { path, bytes } = options;
  const manifest = parseManifest(bytes);
  await assertFilesPresent(store, path, manifest);
  const put = await store.putBytesIfAbsent(manifestKeyOf(path), bytes);
  if (put === 'exists') {
    const found = await readManifestBytes(store, path);
    if (!found || hashBytes(found) !== hashBytes(bytes)) {
      throw new LakeError(
        'partition_exists',
        `${path} is already published with another manifest; a correction is a new revision`,
      );
    }
  }
  await removeUnnamedFiles(store, path, manifest);
}

/**
 * Removes the files of a partition that was placed and is not to be published.
 * One that is published is left alone.
 *
 * @public
 */
export async function removeUnpublished(
  store: LakeStore,
  options: { path: string },
): Promise<void> {
  if (!(await readManifestBytes(store, options.path))) {
    for (const key of await store.list(options.path)) {
      await store.delete(key);
    }
  }
}

async function adoptPublished(
  store: LakeStore,
  options: PublishPartitionOptions,
): Promise<PublishedPartition | undefined> {
  const { path } = options;
  const bytes = await readManifestBytes(store, path);
  if (!bytes) {
    return undefined;
  }
  const manifest = parseManifest(bytes);
  await assertFilesPresent(store, path, manifest);
  await removeUnnamedFiles(store, path, manifest);
  if (manifest.inputs.digest !== options.manifest.inputs.digest) {
    throw new LakeError(
      'partition_exists',
      `${path} is already published from other inputs; a correction is a new revision`,
    );
  }
  return {
    manifestKey: manifestKeyOf(path),
    manifestSha256: hashBytes(bytes),
    manifest,
    adopted: true,
  };
}

/** Puts a local file into a partition's folder under a name with its hash. */
async function placeFile(
  store: LakeStore,
  path: string,
  part: LocalPart,
  nameOf: (hash: string) => string,
): Promise<PartitionFile> {
  const { sha256, bytes } = await hashFile(part.localFile);
  const name = nameOf(sha256.slice(0, 16));
  await placeHashed(store, `${path}/${name}`, part.localFile, sha256);
  return { name, rows: part.rows, bytes, sha256 };
}

/**
 * Stores a file under a key that carries its hash. What is there already was
 * put by an earlier attempt, and is compared.
 *
 * @throws LakeError with code `partition_damaged` when it differs
 */
export async function placeHashed(
  store: LakeStore,
  key: string,
  localFile: string,
  sha256: string,
): Promise<void> {
  if ((await store.putIfAbsent(key, localFile)) === 'exists') {
    if ((await hashStored(store, key)) !== sha256) {
      throw new LakeError(
        'partition_damaged',
        `The left-over file ${key} does not have the content its name promises; remove it`,
      );
    }
  }
}

async function hashStored(store: LakeStore, key: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-left-over-'));
  try {
    return (await hashFile(await store.localCopy(key, folder))).sha256;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Checks that every file a manifest names is there in full size.
 *
 * @throws LakeError with code `partition_damaged`
 */
export async function assertFilesPresent(
  store: LakeStore,
  path: string,
  manifest: Manifest,
): Promise<void> {
  for (const file of manifest.files) {
    const found = await store.stat(`${path}/${file.name}`);
    if (found?.bytes !== file.bytes) {
      throw new LakeError(
        'partition_damaged',
        `The manifest of ${path} names ${file.name} with ${
          file.bytes
        } bytes; the store has ${
          found ? `${found.bytes} bytes` : 'no such file'
        }`,
      );
    }
  }
}

/**
 * Removes what attempts that died have left. Only once a manifest exists: until
 * then nobody can know which of the parts it will name.
 */
async function removeUnnamedFiles(
  store: LakeStore,
  path: string,
  manifest: Manifest,
): Promise<void> {
  const named = new Set([
    manifestKeyOf(path),
    ...manifest.files.map(file => `${path}/${file.name}`),
    ...(manifest.ids ? [`${path}/${manifest.ids.name}`] : []),
  ]);
  for (const key of await store.list(path)) {
    if (!named.has(key)) {
      await store.delete(key);
    }
  }
}
