import { FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { FrozenBatch } from '@millrace/ledger';
import { SealerError } from '../errors';

const decompress = promisify(zstdDecompress);
const LINE_FEED = 0x0a;

/** Batches of one schema version, as files that DuckDB reads. */
export interface GatheredFiles {
  schemaVersion: number;
  files: string[];
  /** In the order of their lines: through the files, one after the other. */
  batches: FrozenBatch[];
  /** No line is longer. */
  maxLineBytes: number;
}

/** What is read from a staged file at once. */
const MAX_RUN_BYTES = 16 * 1024 * 1024;

/**
 * Copies exactly the batches that the ledger has frozen into a few working
 * files, by schema version, so that what lies around them in a staged file
 * cannot matter.
 *
 * Concatenated zstd frames are a zstd stream. DuckDB reads one compressed file
 * with one thread, hence `filesPerVersion`. The copy pays: DuckDB reads many
 * files of some hundred kilobytes a quarter slower than two large ones.
 *
 * @throws SealerError with code `staged_file_damaged`
 */
export async function gatherBatches(options: {
  batches: FrozenBatch[];
  folder: string;
  filesPerVersion: number;
}): Promise<GatheredFiles[]> {
  const { batches, folder, filesPerVersion } = options;
  const versions = new Map<number, FrozenBatch[]>();
  for (const batch of batches) {
    const { schemaVersion } = batch.header;
    const ofVersion = versions.get(schemaVersion);
    if (ofVersion) {
      ofVersion.push(batch);
    } else {
      versions.set(schemaVersion, [batch]);
    }
  }
  const gathered: GatheredFiles[] = [];
  for (const [schemaVersion, ofVersion] of versions) {
    const files: string[] = [];
    for (const share of split(ofVersion, filesPerVersion)) {
      const file = path.join(
        folder,
        `v${schemaVersion}-${files.length}.ndjson.zst`,
      );
      await copyBatches(share, file);
      files.push(file);
    }
    const maxLineBytes = ofVersion.reduce(
      (most, batch) => Math.max(most, batch.header.bytes),
      0,
    );
    gathered.push({ schemaVersion, files, batches: ofVersion, maxLineBytes });
  }
  return gathered;
}

/** Consecutive shares of about the same number of bytes. */
function split(batches: FrozenBatch[], shares: number): FrozenBatch[][] {
  const total = batches.reduce((sum, batch) => sum + batch.lengthBytes, 0);
  const result: FrozenBatch[][] = [];
  let before = 0;
  for (const batch of batches) {
    const share = Math.min(shares - 1, Math.floor((before * shares) / total));
    (result[share] ??= []).push(batch);
    before += batch.lengthBytes;
  }
  return result.filter(share => share !== undefined);
}

async function copyBatches(
  batches: FrozenBatch[],
  target: string,
): Promise<void> {
  const output = await open(target, 'wx');
  try {
    await forEachBatch(inRuns(batches), async bytes => {
      await output.appendFile(bytes);
    });
  } finally {
    await output.close();
  }
}

/** Where bytes lie in a staged file. */
type Span = Pick<FrozenBatch, 'path' | 'offsetBytes' | 'lengthBytes'>;

/** Batches that lie one after the other in a file, as one. */
function inRuns(batches: FrozenBatch[]): Span[] {
  const runs: Span[] = [];
  for (const { path: file, offsetBytes, lengthBytes } of batches) {
    const last = runs.at(-1);
    if (
      last?.path === file &&
      last.offsetBytes + last.lengthBytes === offsetBytes &&
      last.lengthBytes + lengthBytes <= MAX_RUN_BYTES
    ) {
      last.lengthBytes += lengthBytes;
    } else {
      runs.push({ path: file, offsetBytes, lengthBytes });
    }
  }
  return runs;
}

/**
 * Finds the batches that do not hold the events their header names, for the
 * message to the person who has to repair them. Slow: it decompresses all.
 */
export async function findDamagedBatches(
  batches: FrozenBatch[],
): Promise<string[]> {
  const damaged: string[] = [];
  await forEachBatch(batches, async (bytes, batch) => {
    const { gateway, epoch, batch: number, events } = batch.header;
    const found = await decompress(bytes).then(countLines, () => undefined);
    if (found !== events) {
      damaged.push(
        `batch ${number} of ${gateway} (epoch ${epoch}) in ${batch.path} at ${
          batch.offsetBytes
        }: ${
          found === undefined ? 'not readable' : `${found} events`
        } instead of ${events}`,
      );
    }
  });
  return damaged;
}

async function forEachBatch<S extends Span>(
  batches: S[],
  visit: (bytes: Buffer, batch: S) => Promise<void>,
): Promise<void> {
  let current: { path: string; handle: FileHandle } | undefined;
  try {
    for (const batch of batches) {
      if (current?.path !== batch.path) {
        await current?.handle.close();
        current = undefined;
        current = { path: batch.path, handle: await openStaged(batch.path) };
      }
      await visit(await readBatch(current.handle, batch), batch);
    }
  } finally {
    await current?.handle.close();
  }
}

async function openStaged(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw new SealerError(
      'staged_file_damaged',
      `The staged file ${file} cannot be opened`,
      { cause: error },
    );
  }
}

async function readBatch(handle: FileHandle, batch: Span): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(batch.lengthBytes);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(
      bytes,
      length,
      bytes.length - length,
      batch.offsetBytes + length,
    );
    if (bytesRead === 0) {
      throw new SealerError(
        'staged_file_damaged',
        `The staged file ${batch.path} ends before the batch at ${batch.offsetBytes}, which has ${batch.lengthBytes} bytes`,
      );
    }
    length += bytesRead;
  }
  return bytes;
}

function countLines(text: Buffer): number {
  let lines = 0;
  for (
    let at = text.indexOf(LINE_FEED);
    at !== -1;
    at = text.indexOf(LINE_FEED, at + 1)
  ) {
    lines += 1;
  }
  return lines;
}
