import path from 'node:path';
import { LakeError } from '../errors';
import { GcsLakeStore } from './gcs/GcsLakeStore';
import { parseKey } from './keys';
import { LocalLakeStore } from './LocalLakeStore';
import { LakeStore } from './types';

/** Where a lake lies. @public */
export type LakeLocation =
  | { kind: 'folder'; root: string }
  | { kind: 'gcs'; bucket: string; prefix?: string };

/** Cloud Storage's rules for names of buckets, domain-named ones included. */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/**
 * Reads the one setting that says where the lake is: a folder, or
 * `gs://bucket` or `gs://bucket/prefix`.
 *
 * @throws LakeError with code `invalid_location`
 * @public
 */
export function parseLakeLocation(location: string): LakeLocation {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) {
    if (location === '') {
      throw invalidLocation(location);
    }
    return { kind: 'folder', root: path.resolve(location) };
  }
  const [, bucket, rest] = /^gs:\/\/([^/]+)(?:\/(.*))?$/.exec(location) ?? [];
  const prefix = rest?.replace(/\/$/, '');
  if (bucket === undefined || !BUCKET.test(bucket)) {
    throw invalidLocation(location);
  }
  if (!prefix) {
    return { kind: 'gcs', bucket };
  }
  try {
    return { kind: 'gcs', bucket, prefix: parseKey(prefix).join('/') };
  } catch {
    throw invalidLocation(location);
  }
}

/**
 * Opens the lake at a location. A folder is made when it is missing; a bucket
 * must exist, and is not asked for before it is used.
 *
 * @throws LakeError with code `invalid_location`
 * @public
 */
export async function openLakeStore(location: string): Promise<LakeStore> {
  const parsed = parseLakeLocation(location);
  return parsed.kind === 'gcs'
    ? new GcsLakeStore(parsed)
    : LocalLakeStore.open({ root: parsed.root });
}

function invalidLocation(location: string): LakeError {
  return new LakeError(
    'invalid_location',
    `A lake is a folder, or a bucket such as 'gs://my-lake' or 'gs://my-lake/events'; got '${location.slice(
      0,
      100,
    )}'`,
  );
}
