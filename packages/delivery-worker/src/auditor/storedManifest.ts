import { createHash } from 'node:crypto';
import { Manifest, PartitionFile } from '@millrace/lake';
import { MANIFEST_NAME } from './places';
import { LakeReader } from './types';

/** What the auditor reads of a manifest. */
export type AuditedManifest = Pick<
  Manifest,
  | 'endpoint'
  | 'eventType'
  | 'bucket'
  | 'revision'
  | 'counts'
  | 'files'
  | 'minReceivedAt'
  | 'maxReceivedAt'
  | 'minTime'
  | 'maxTime'
> & {
  /** The file of the ids of its events, of partitions that have one. */
  ids?: PartitionFile;
};

/** A manifest as it lies in the lake. */
export interface StoredManifest {
  sha256: string;
  bytes: number;
  /** Missing when `problem` says why. */
  manifest?: AuditedManifest;
  problem?: string;
}

/** The manifest in a revision's folder, or `undefined` when there is none. */
export async function readStoredManifest(
  lake: LakeReader,
  path: string,
): Promise<StoredManifest | undefined> {
  const key = `${path}/${MANIFEST_NAME}`;
  if (!(await lake.stat(key))) {
    return undefined;
  }
  const bytes = await lake.get(key);
  const stored = {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
  };
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // Not the parser's own words: they quote what they could not read.
    return { ...stored, problem: 'it is not JSON' };
  }
  const problem = findProblem(value);
  return problem === undefined
    ? { ...stored, manifest: value as AuditedManifest }
    : { ...stored, problem };
}

const COUNTS = [
  'accepted',
  'delivered',
  'duplicates',
  'refused',
  'conflicts',
  'skewed',
];

/** Reads the shape, and only the shape: sums are judged by the checks. */
function findProblem(value: unknown): string | undefined {
  if (!isRecord(value)) {
    return 'it is not an object';
  }
  const { bucket, counts, files, ids } = value;
  if (!isText(value.endpoint) || !isText(value.eventType)) {
    return 'it does not say of which event type it is';
  }
  if (
    !isRecord(bucket) ||
    !isTime(bucket.start) ||
    !isTime(bucket.end) ||
    !isCount(bucket.seconds) ||
    !isCount(value.revision)
  ) {
    return 'it does not say of which bucket and revision it is';
  }
  if (!isRecord(counts) || !COUNTS.every(name => isCount(counts[name]))) {
    return 'its counts are missing or not whole numbers';
  }
  if (!Array.isArray(files) || !files.every(isFile)) {
    return 'its list of files is missing or wrong';
  }
  if (ids !== undefined && !isFile(ids)) {
    return 'its file of ids is not described';
  }
  const times = ['minReceivedAt', 'maxReceivedAt', 'minTime', 'maxTime'];
  if (!times.every(name => value[name] === undefined || isTime(value[name]))) {
    return 'its times are wrong';
  }
  return undefined;
}

function isFile(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value.name) &&
    // A plain name: it becomes part of a key.
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value.name) &&
    isCount(value.rows) &&
    isCount(value.bytes) &&
    isText(value.sha256) &&
    /^[0-9a-f]{64}$/.test(value.sha256)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTime(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}
