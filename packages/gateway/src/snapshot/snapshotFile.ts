import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConfigSnapshot } from '@millrace/ledger';
import { inSlices } from './inSlices';

/*
 * The file: the snapshot as JSON on one line, and the SHA-256 of that line in
 * hex on a second. Files of earlier releases have the JSON alone.
 */

/**
 * Replaces the cached snapshot so that a crash at any moment leaves the old or
 * the new one, never a part. Readable by the owner only: it holds the hashes of
 * write keys.
 *
 * @param snapshot - as it was read, so that its own checksum still fits
 */
export async function writeSnapshotFile(
  file: string,
  snapshot: ConfigSnapshot,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const content = await inSlices(encode(snapshot));
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Reads the cached snapshot; `undefined` when there is none.
 *
 * @throws Error when there is one that was cut or changed, or is not JSON
 */
export async function readSnapshotFile(file: string): Promise<unknown> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const [text, checksum] = content.split('\n');
  const hash = createHash('sha256').update(text).digest('hex');
  if (checksum !== undefined && checksum !== hash) {
    throw new Error('its content does not have the checksum it was saved with');
  }
  return JSON.parse(text);
}

/** The content of the file, one event type per step. */
function* encode(snapshot: ConfigSnapshot): Generator<void, Buffer> {
  const hash = createHash('sha256');
  const pieces: Buffer[] = [];
  const add = (text: string) => {
    const piece = Buffer.from(text);
    hash.update(piece);
    pieces.push(piece);
  };
  const { eventTypes, ...rest } = snapshot;
  add(`${JSON.stringify(rest).slice(0, -1)},"eventTypes":[`);
  let separator = '';
  for (const eventType of eventTypes) {
    add(separator + JSON.stringify(eventType));
    separator = ',';
    yield;
  }
  add(']}');
  pieces.push(Buffer.from(`\n${hash.digest('hex')}\n`));
  return Buffer.concat(pieces);
}
