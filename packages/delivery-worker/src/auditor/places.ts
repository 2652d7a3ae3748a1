import { RevisionPlace } from './types';

/*
 * Where things lie in the lake, as docs/architecture.md has it. Written anew
 * here: what publishes partitions could have the wrong idea of it.
 */

export const MANIFEST_NAME = 'manifest.json';

const REVISION_PATH =
  /^([a-z][a-z0-9]*(?:[._-][a-z0-9]+)*)\/dt=(\d{4}-\d\d-\d\d)\/hh=(\d\d)(?:\/mi=(\d\d))?(?:\/ss=(\d\d))?\/r(\d{4})$/;

/** The revision that lies in a folder; `undefined` for any other folder. */
export function placeOf(path: string): RevisionPlace | undefined {
  const match = REVISION_PATH.exec(path);
  if (!match) {
    return undefined;
  }
  const [, eventType, date, hour, minute = '00', second = '00', revision] =
    match;
  const bucketStart = new Date(`${date}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(bucketStart.getTime())
    ? undefined
    : { path, eventType, bucketStart, revision: Number(revision) };
}

/** Where a revision has to lie, by what the ledger says of it. */
export function placeOfPartition(partition: {
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  revision: number;
}): RevisionPlace {
  const { eventType, bucketStart, bucketSeconds, revision } = partition;
  const at = bucketStart.toISOString();
  const folders = [
    eventType,
    `dt=${at.slice(0, 10)}`,
    `hh=${at.slice(11, 13)}`,
  ];
  if (bucketSeconds < 3600) {
    folders.push(`mi=${at.slice(14, 16)}`);
  }
  if (bucketSeconds < 60) {
    folders.push(`ss=${at.slice(17, 19)}`);
  }
  folders.push(`r${String(revision).padStart(4, '0')}`);
  return { path: folders.join('/'), eventType, bucketStart, revision };
}

/** A key as its folder and its name. */
export function splitKey(key: string): { folder: string; name: string } {
  const slash = key.lastIndexOf('/');
  return {
    folder: key.slice(0, Math.max(0, slash)),
    name: key.slice(slash + 1),
  };
}
