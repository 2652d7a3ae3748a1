import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hashFile } from '@millrace/lake';
import { LiveIdFiles } from '@millrace/ledger';
import { Bucket } from '@millrace/schema';
import { Origins } from '../accounting';
import { SealerError } from '../errors';
import { SealedShard } from '../sealing/sealShard';

/*
 * What workers that seal one bucket together hand each other, as files in the
 * staging folder, which all of them see:
 *
 *   .shards/<partition>-<token>/job.json          what all shards have in common
 *                              /shard=3/…         the lines of a shard
 *                              /shard=3/take-1/   what its first taker made of it
 *                                       result.json
 *
 * A folder belongs to one taking of one shard: nobody else writes there, however
 * long ago it was given up. The ledger says which takings count, and the hash of
 * what each says.
 */

/** What all shards of a bucket have in common. */
export interface ShardJob {
  eventType: string;
  bucket: Bucket;
  schema: { version: number; avro: unknown };
  /** With which all shards are compared; see `commitPartition`. */
  idFiles: LiveIdFiles;
  replayedKeys: string[];
  origins: Origins;
  rowsPerGroup: number;
}

const JOB = 'job.json';
const RESULT = 'result.json';

export async function writeJob(folder: string, job: ShardJob): Promise<void> {
  await writeFile(path.join(folder, JOB), toText(job));
}

/** @param shardFolder - of one shard, beside which the job lies */
export async function readJob(shardFolder: string): Promise<ShardJob> {
  const file = path.join(path.dirname(shardFolder), JOB);
  return fromText(await readFile(file, 'utf8')) as ShardJob;
}

export function takeFolder(shardFolder: string, take: number): string {
  return path.join(shardFolder, `take-${take}`);
}

/** @returns the SHA-256 of what was written, in hex */
export async function writeResult(
  folder: string,
  sealed: SealedShard,
): Promise<string> {
  const file = path.join(folder, RESULT);
  await writeFile(file, toText(sealed), { flush: true });
  return (await hashFile(file)).sha256;
}

/**
 * What became of a shard, as the ledger has it.
 *
 * @throws SealerError with code `shard_result_differs`
 */
export async function readResult(
  folder: string,
  sha256: string,
): Promise<SealedShard> {
  const file = path.join(folder, RESULT);
  if ((await hashFile(file)).sha256 !== sha256) {
    throw new SealerError(
      'shard_result_differs',
      `What a worker said of a shard is not what lies in ${folder}`,
    );
  }
  return fromText(await readFile(file, 'utf8')) as SealedShard;
}

/** JSON has neither integers of 64 bits nor instants. */
function toText(value: unknown): string {
  return JSON.stringify(
    value,
    function mark(this: { [key: string]: unknown }, key, each: unknown) {
      const raw = this[key];
      if (typeof raw === 'bigint') {
        return { $bigint: String(raw) };
      }
      return raw instanceof Date ? { $date: raw.toISOString() } : each;
    },
  );
}

function fromText(text: string): unknown {
  return JSON.parse(text, (_key, each) => {
    if (typeof each?.$bigint === 'string') {
      return BigInt(each.$bigint);
    }
    return typeof each?.$date === 'string' ? new Date(each.$date) : each;
  });
}
