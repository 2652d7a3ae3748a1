import { LakeError } from '../errors';
import {
  Manifest,
  PartitionCounts,
  PartitionFile,
  PartitionKeySums,
} from './types';

const KEY_SUM_MODULUS = 2n ** 64n;

type Problem = string | undefined;
type Check = (value: unknown) => boolean;

const isText: Check = value => typeof value === 'string' && value !== '';
const isCount: Check = value =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isPositive: Check = value => isCount(value) && value !== 0;
const isSha256: Check = value =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isTime: Check = value =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT/.test(value) &&
  !Number.isNaN(Date.parse(value));
const isOptionalTime: Check = value => value === undefined || isTime(value);
const isFileName: Check = value =>
  typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value);
const isList =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check);

/** `undefined` when the object has all keys as the checks want them. */
function findProblem(
  value: unknown,
  where: string,
  checks: Record<string, Check>,
): Problem {
  if (typeof value !== 'object' || value === null) {
    return `${where} is not an object`;
  }
  const entries = new Map(Object.entries(value));
  const bad = Object.keys(checks).find(key => !checks[key](entries.get(key)));
  return bad === undefined ? undefined : `${where}/${bad} is missing or wrong`;
}

function hasShape(checks: Record<string, Check>): Check {
  return value => findProblem(value, '', checks) === undefined;
}

const COUNTS: Record<keyof PartitionCounts, Check> = {
  accepted: isCount,
  delivered: isCount,
  duplicates: isCount,
  refused: isCount,
  conflicts: isCount,
  skewed: isCount,
};

const isKeySum: Check = value =>
  typeof value === 'string' &&
  /^(0|[1-9]\d{0,19})$/.test(value) &&
  BigInt(value) < KEY_SUM_MODULUS;

const KEY_SUMS: Record<keyof PartitionKeySums, Check> = {
  accepted: isKeySum,
  delivered: isKeySum,
  duplicates: isKeySum,
  refused: isKeySum,
};

const FILE: Record<keyof PartitionFile, Check> = {
  name: isFileName,
  rows: isCount,
  bytes: isPositive,
  sha256: isSha256,
};

const MANIFEST: Record<keyof Manifest, Check> = {
  formatVersion: value => value === 1,
  endpoint: isText,
  eventType: isText,
  bucket: hasShape({ start: isTime, end: isTime, seconds: isPositive }),
  revision: isPositive,
  why: isText,
  replaces: value => value === undefined || isPositive(value),
  schemaVersion: isPositive,
  schemaVersions: isList(isPositive),
  counts: hasShape(COUNTS),
  keySums: value => value === undefined || hasShape(KEY_SUMS)(value),
  files: isList(hasShape(FILE)),
  ids: value => value === undefined || hasShape(FILE)(value),
  minReceivedAt: isOptionalTime,
  maxReceivedAt: isOptionalTime,
  minTime: isOptionalTime,
  maxTime: isOptionalTime,
  sealedAt: isTime,
  decision: value => value !== undefined,
  inputs: hasShape({ batches: isCount, digest: isSha256 }),
};

/**
 * Checks the books of a manifest; gives a sentence when they do not add up.
 *
 * @public
 */
export function findImbalance(manifest: Manifest): string | undefined {
  const { counts, files } = manifest;
  const { accepted, delivered, duplicates, refused } = counts;
  if (accepted !== delivered + duplicates + refused) {
    return `accepted ${accepted} is not delivered ${delivered} + duplicates ${duplicates} + refused ${refused}`;
  }
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  if (rows !== delivered) {
    return `the files have ${rows} rows but ${delivered} events were delivered`;
  }
  const { keySums } = manifest;
  if (
    keySums &&
    BigInt(keySums.accepted) !==
      (BigInt(keySums.delivered) +
        BigInt(keySums.duplicates) +
        BigInt(keySums.refused)) %
        KEY_SUM_MODULUS
  ) {
    return 'the sums of the keys do not balance';
  }
  if (manifest.ids && manifest.ids.rows !== delivered) {
    return `the id file has ${manifest.ids.rows} ids but ${delivered} events were delivered`;
  }
  if (counts.conflicts > delivered || counts.skewed > accepted) {
    return 'a part is larger than its whole';
  }
  return undefined;
}

/**
 * Reads a manifest as stored. Everything a reader relies on is checked here,
 * so that what comes out can be trusted: file names are plain names, sums fit.
 *
 * @throws LakeError with code `invalid_manifest`
 * @public
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new LakeError('invalid_manifest', 'The manifest is not JSON', {
      cause: error,
    });
  }
  const problem = findProblem(value, '', MANIFEST);
  if (problem) {
    throw new LakeError('invalid_manifest', `In the manifest ${problem}`);
  }
  const manifest = value as Manifest;
  const imbalance = findImbalance(manifest);
  if (imbalance) {
    throw new LakeError(
      'invalid_manifest',
      `The manifest does not balance: ${imbalance}`,
    );
  }
  return manifest;
}

/** The bytes under which a manifest is stored; people read them too. @public */
export function formatManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
}
