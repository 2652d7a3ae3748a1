import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { BrokerError } from '../errors';

/** Directories held by this process; LMDB shares its handles within one. */
const heldHere = new Set<string>();

/**
 * Claims a data directory for this process.
 *
 * The claim is a reader slot in a small LMDB environment beside the store.
 * LMDB backs each slot with an `fcntl` record lock that the kernel drops when
 * the process ends in any way, so a kill -9 leaves nothing to clean up, and no
 * process id can be mistaken for a newer process that happens to reuse it. The
 * environment is never written, so the open read transaction pins no pages.
 *
 * Two brokers that start in the same instant may both be refused; none will
 * ever both be admitted.
 *
 * @returns a function that gives the directory up
 * @throws BrokerError `data_dir_locked` while another broker holds it
 */
export function lockDirectory(dataDir: string): () => Promise<void> {
  const directory = realpathSync(dataDir);
  if (heldHere.has(directory)) {
    throw locked(directory, 'this process');
  }
  const environment = open<Buffer, string>({
    path: join(directory, 'lock'),
    encoding: 'binary',
    overlappingSync: false,
  });
  const slot = environment.useReadTransaction();
  // The slot is claimed by the first read, not by making the transaction.
  environment.get('claim', { transaction: slot });
  environment.readerCheck();
  const others = readerPids(environment.readerList()).filter(
    pid => pid !== process.pid,
  );
  if (others.length > 0) {
    slot.done();
    environment.close().catch(() => {});
    throw locked(directory, `process ${others.join(', ')}`);
  }
  heldHere.add(directory);
  return async () => {
    slot.done();
    await environment.close();
    heldHere.delete(directory);
  };
}

function locked(directory: string, holder: string): BrokerError {
  return new BrokerError(
    'data_dir_locked',
    `The data directory ${directory} is in use by ${holder}; stop that broker or choose another directory`,
  );
}

/** Reader table as LMDB prints it: a heading, then `pid thread txnid` lines. */
function readerPids(table: string): number[] {
  return table
    .split('\n')
    .map(line => /^\s*(\d+)\s/.exec(line)?.[1])
    .filter(pid => pid !== undefined)
    .map(Number);
}
