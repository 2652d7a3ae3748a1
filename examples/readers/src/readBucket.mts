/**
 * Reads one sealed bucket of a dataset, over HTTP, and trusts nothing on the
 * way: waits until the bucket is sealed, verifies that the manifest was signed
 * by a key one knows, checks that it is the manifest of that bucket, downloads
 * the files and compares each with its hash, and only then reads rows.
 *
 *   MILLRACE_TOKEN=… node --experimental-strip-types readBucket.mts \
 *     --portal https://portal.example.net --dataset shop.order_placed \
 *     --bucket 2026-11-21T13:00:00Z --keys jwks.json
 *
 * Without --keys the keys are fetched from the portal: enough against a damaged
 * lake, not against a portal that is not the one it seems. Fetch them once, keep
 * them, and give them here.
 *
 * Needs Node 22.6 or later and the package @duckdb/node-api; nothing of Millrace.
 */
import {
  createHash,
  createPublicKey,
  type JsonWebKey,
  verify,
} from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { DuckDBInstance, listValue } from '@duckdb/node-api';

/** How long one request waits; the portal allows 55. */
const WAIT_SECONDS = 30;
const PAYLOAD_TYPE = 'application/vnd.millrace.manifest.v1+json';

interface Envelope {
  payloadType: string;
  payload: string;
  signatures: { keyid: string; sig: string }[];
}

interface Manifest {
  endpoint: string;
  bucket: { start: string; end: string };
  revision: number;
  counts: { delivered: number };
  files: { name: string; rows: number; bytes: number; sha256: string }[];
}

interface KeySet {
  keys: (JsonWebKey & { kid: string })[];
}

const { values } = parseArgs({
  options: {
    portal: { type: 'string' },
    dataset: { type: 'string' },
    bucket: { type: 'string' },
    keys: { type: 'string' },
    'give-up-after': { type: 'string', default: '3600' },
  },
});
const portal = needed('portal').replace(/\/$/, '');
const dataset = needed('dataset');
const bucketStart = new Date(needed('bucket')).toISOString();
const partitionUrl = `${portal}/api/delivery/datasets/${dataset}/partitions/${bucketStart}`;

main().catch(error => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const revision = await waitUntilSealed();
  const manifest = await readManifest(revision);
  const folder = await mkdtemp(path.join(tmpdir(), 'bucket-'));
  try {
    const files: string[] = [];
    for (const file of manifest.files) {
      files.push(await download(file, revision, folder));
    }
    const { rows, sample } = await readRows(files);
    if (rows !== manifest.counts.delivered) {
      throw new Error(
        `The files have ${rows} rows; ${manifest.counts.delivered} were delivered`,
      );
    }
    process.stdout.write(
      `${JSON.stringify({ dataset, bucketStart, revision, rows, sample })}\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The manifest of a revision, signed by a key that is known. */
async function readManifest(revision: number): Promise<Manifest> {
  const envelope: Envelope = await (
    await request(`${partitionUrl}/manifest?revision=${revision}`)
  ).json();
  const payload = verified(envelope, await knownKeys());
  const manifest: Manifest = JSON.parse(payload.toString('utf8'));
  if (
    manifest.endpoint !== dataset ||
    new Date(manifest.bucket.start).toISOString() !== bucketStart ||
    manifest.revision !== revision
  ) {
    // Well signed, but of something else: an old or another bucket's manifest.
    throw new Error('The manifest is not the one of this bucket and revision');
  }
  return manifest;
}

/** Asks again and again; each question waits at the portal for the answer. */
async function waitUntilSealed(): Promise<number> {
  const giveUpAt = Date.now() + Number(values['give-up-after']) * 1000;
  do {
    const wait = Math.min(
      WAIT_SECONDS,
      Math.max(0, Math.floor((giveUpAt - Date.now()) / 1000)),
    );
    const state = await (await request(`${partitionUrl}?wait=${wait}`)).json();
    if (state.isSealed) {
      return state.partition.revision;
    }
  } while (Date.now() < giveUpAt);
  throw new Error(`${bucketStart} of ${dataset} is not sealed yet`);
}

async function knownKeys(): Promise<KeySet> {
  return values.keys
    ? JSON.parse(await readFile(values.keys, 'utf8'))
    : (await request(`${portal}/api/delivery/.well-known/jwks.json`)).json();
}

/** The payload of a DSSE envelope, if one of the keys has signed it. */
function verified(signed: Envelope, { keys }: KeySet): Buffer {
  const payload = Buffer.from(signed.payload, 'base64');
  const signedBytes = Buffer.concat([
    Buffer.from(
      `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `,
    ),
    payload,
  ]);
  const isGood = signed.signatures.some(({ keyid, sig }) => {
    const key = keys.find(({ kid }) => kid === keyid);
    return (
      key !== undefined &&
      verify(
        null,
        signedBytes,
        createPublicKey({ key, format: 'jwk' }),
        Buffer.from(sig, 'base64'),
      )
    );
  });
  if (signed.payloadType !== PAYLOAD_TYPE || !isGood) {
    throw new Error('The manifest is not signed by a key that is known');
  }
  return payload;
}

async function download(
  file: Manifest['files'][number],
  revision: number,
  folder: string,
): Promise<string> {
  const { body } = await request(
    `${partitionUrl}/files/${file.name}?revision=${revision}`,
  );
  const target = path.join(folder, file.name);
  const hash = createHash('sha256');
  await pipeline(
    Readable.fromWeb(body as import('node:stream/web').ReadableStream),
    new Transform({
      transform(chunk, _encoding, done) {
        hash.update(chunk);
        done(undefined, chunk);
      },
    }),
    createWriteStream(target),
  );
  if (hash.digest('hex') !== file.sha256) {
    throw new Error(`${file.name} is not the file that was sealed`);
  }
  return target;
}

async function readRows(
  files: string[],
): Promise<{ rows: number; sample: unknown[] }> {
  if (files.length === 0) {
    return { rows: 0, sample: [] };
  }
  const duckdb = await DuckDBInstance.create(':memory:');
  const connection = await duckdb.connect();
  const count = await connection.runAndReadAll(
    'SELECT count(*)::INTEGER FROM read_parquet($1, hive_partitioning = false)',
    [listValue(files)],
  );
  const sample = await connection.runAndReadAll(
    'FROM read_parquet($1, hive_partitioning = false) LIMIT 3',
    [listValue(files)],
  );
  connection.closeSync();
  return {
    rows: Number(count.getRows()[0][0]),
    sample: sample.getRowObjectsJson(),
  };
}

async function request(url: string): Promise<Response> {
  const token = process.env.MILLRACE_TOKEN;
  const response = await fetch(url, {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  if (!response.ok) {
    throw new Error(`${new URL(url).pathname} answers ${response.status}`);
  }
  return response;
}

function needed(name: 'portal' | 'dataset' | 'bucket'): string {
  const value = values[name];
  if (!value) {
    throw new Error(`--${name} is missing`);
  }
  return value;
}
