import { unlink } from 'node:fs/promises';
import { BatchHeader, bucketKey } from '@millrace/schema';
import {
  ConsumptionClaim,
  recordStagedBatches,
  StagedBatch,
} from '@millrace/ledger';
import { Knex } from 'knex';
import { Clock } from '../clock';
import { PoisonError } from '../errors';
import { Logger } from '../logger';
import { BrokerMessage } from './brokerMessage';
import { Limit } from '../fairLimit';
import { keepPoison } from './keepPoison';
import { isDataError, MessageAttempts } from './messageAttempts';
import { checkBatchBody, readBatchHeader } from './readBatch';
import { writeStagedFile } from './stagedFile';

/**
 * A staged file that was not recorded within this time is written anew. Well
 * below the age at which `createLeftoverSweep` takes an unrecorded file for
 * forgotten, so that it can never remove one that is about to be recorded.
 */
const MAX_UNRECORDED_MS = 15 * 60_000;

/** @internal */
export interface EventBatchesOptions {
  ledger: Knex;
  stagingDir: string;
  eventType: string;
  subscription: string;
  /** Of this worker alone: whose attempts are counted. */
  worker: string;
  /** The claim on the event type; see `recordStagedBatches`. */
  claim?: ConsumptionClaim;
  /** Bounds the work that all event types together ask of the ledger. */
  limit?: Limit;
  clock: Clock;
  logger: Logger;
}

interface ReadableBatch {
  message: BrokerMessage;
  header: BatchHeader;
}

/** Batches that lie durable in a file and are not in the ledger yet. */
interface UnrecordedFile {
  path: string;
  writtenAt: number;
  entries: { message: BrokerMessage; staged: StagedBatch }[];
}

/**
 * Takes the batches of one event type from broker messages to ledger rows.
 *
 * Order of steps, and what a crash after each leaves behind:
 * 1. write and fsync the staged file: a file that no row knows, removed later;
 *    the messages come again;
 * 2. record in the ledger: the messages come again and are found recorded;
 * 3. acknowledge.
 *
 * When recording fails it is unknown whether it happened, so the file is kept
 * and recorded again on the next try; neither is a row left without its file,
 * nor does a long outage of the ledger fill the disk with copies. Only when the
 * ledger says that it does not take the data is it certain that nothing was
 * recorded: then each batch of the file is tried on its own, and the one that is
 * refused a few times is set aside.
 *
 * @internal
 */
export function createEventBatches(options: EventBatchesOptions) {
  const { ledger, stagingDir, eventType, claim, clock, logger } = options;
  const { limit = run => run() } = options;
  const attempts = new MessageAttempts(options);
  const unrecorded = new Set<UnrecordedFile>();

  async function flush(
    messages: BrokerMessage[],
    done: (message: BrokerMessage) => void,
  ): Promise<void> {
    forgetOldFiles();
    const inFiles = new Set(
      [...unrecorded].flatMap(file =>
        file.entries.map(entry => entry.message.id),
      ),
    );
    const readable = await setPoisonAside(
      messages.filter(message => !inFiles.has(message.id)),
      done,
    );
    await writeFiles(readable);
    // Those set aside share a file with duplicates; without these, they pass.
    while (unrecorded.size > 0) {
      const setAside: ReadableBatch[] = [];
      for (const file of unrecorded) {
        try {
          setAside.push(...(await limit(() => record(file, done))));
        } catch (error) {
          if (!isDataError(error)) {
            throw error;
          }
          await takeApart(file, error, done);
        }
      }
      await writeFiles(setAside);
    }
  }

  async function setPoisonAside(
    messages: BrokerMessage[],
    done: (message: BrokerMessage) => void,
  ): Promise<ReadableBatch[]> {
    const readable: ReadableBatch[] = [];
    for (const message of messages) {
      let header: BatchHeader | undefined;
      try {
        header = readBatchHeader(message, eventType);
        await checkBatchBody(message.data, header);
        readable.push({ message, header });
      } catch (error) {
        if (!(error instanceof PoisonError)) {
          throw error;
        }
        await setAsPoison({ message, header }, error, done);
      }
    }
    return readable;
  }

  async function setAsPoison(
    batch: { message: BrokerMessage; header?: BatchHeader },
    error: PoisonError,
    done: (message: BrokerMessage) => void,
  ): Promise<void> {
    await keepPoison({
      ...options,
      ...batch,
      subscriptionType: eventType,
      error,
    });
    done(batch.message);
  }

  /** Each batch of a refused file gets a file of its own; a lone one is counted. */
  async function takeApart(
    file: UnrecordedFile,
    error: Error & { code: string },
    done: (message: BrokerMessage) => void,
  ): Promise<void> {
    unrecorded.delete(file);
    await unlink(file.path).catch(() => {});
    const batches = file.entries.map(({ message, staged }) => ({
      message,
      header: staged.header,
    }));
    if (batches.length > 1) {
      for (const batch of batches) {
        await writeFiles([batch]);
      }
      return;
    }
    const [batch] = batches;
    const poison = await attempts.refusedByLedger(batch.message.id, error);
    if (poison) {
      await setAsPoison(batch, poison, done);
    }
    // Else it is left unfinished, and comes again after a pause.
  }

  /** One file per receive bucket, so that a file belongs to one partition. */
  async function writeFiles(batches: ReadableBatch[]): Promise<void> {
    const groups = new Map<string, ReadableBatch[]>();
    for (const batch of batches) {
      const { bucket } = batch.header;
      const key = `${bucketKey(bucket)}/${bucket.seconds}`;
      groups.set(key, [...(groups.get(key) ?? []), batch]);
    }
    for (const group of groups.values()) {
      const { path, offsets } = await writeStagedFile({
        stagingDir,
        eventType,
        bodies: group.map(({ message }) => message.data),
      });
      unrecorded.add({
        path,
        writtenAt: clock().getTime(),
        entries: group.map(({ message, header }, index) => ({
          message,
          staged: {
            header,
            stagedFile: path,
            offsetBytes: offsets[index],
            lengthBytes: message.data.length,
            publishedAt: message.publishTime,
            messageId: message.id,
          },
        })),
      });
    }
  }

  /** Gives the batches that have to be written anew. */
  async function record(
    file: UnrecordedFile,
    done: (message: BrokerMessage) => void,
  ): Promise<ReadableBatch[]> {
    const { recorded, duplicates, setAside } = await recordStagedBatches(
      ledger,
      {
        batches: file.entries.map(entry => entry.staged),
        now: clock(),
        claim,
      },
    );
    unrecorded.delete(file);
    if (recorded === 0) {
      await unlink(file.path).catch(() => {});
    }
    if (duplicates > 0) {
      logger.info('Dropped batches that the broker delivered again', {
        eventType,
        duplicates,
      });
    }
    const again = new Set(setAside);
    const anew: ReadableBatch[] = [];
    for (const { message, staged } of file.entries) {
      if (again.has(staged)) {
        anew.push({ message, header: staged.header });
      } else {
        done(message);
      }
    }
    return anew;
  }

  function forgetOldFiles(): void {
    for (const file of unrecorded) {
      if (clock().getTime() - file.writtenAt > MAX_UNRECORDED_MS) {
        unrecorded.delete(file);
      }
    }
  }

  return { flush };
}
