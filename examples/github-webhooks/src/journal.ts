import fs from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';

/** What became of one send, as this client saw it. */
export interface JournalEntry {
  at: string;
  id: string;
  source: string;
  type: string;
  /** `unknown`: no verdict came before the client stopped. */
  outcome: 'accepted' | 'refused' | 'unknown';
  reason?: string;
  pointer?: string;
  /** The event had been sent before, with the same id and data. */
  redelivery: boolean;
}

/** A file of NDJSON to which entries are appended. */
export interface Journal {
  append(entry: JournalEntry): void;
  close(): Promise<void>;
}

/**
 * Opens the journal. It is what an independent check compares the lake with,
 * so it holds only what this client knows for itself.
 */
export async function openJournal(file: string): Promise<Journal> {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  const stream = fs.createWriteStream(file, { flags: 'a' });
  let failure: Error | undefined;
  stream.on('error', error => {
    failure = error;
  });
  return {
    append(entry) {
      if (failure) {
        throw failure;
      }
      stream.write(`${JSON.stringify(entry)}\n`);
    },
    async close() {
      stream.end();
      await finished(stream);
    },
  };
}
