import { FrozenBatch } from '@millrace/ledger';
import { messageOf, SealerError } from '../errors';
import { findDamagedBatches } from './gatherBatches';
import { TypeSchema } from './typeSchemas';

interface Staged {
  schema: TypeSchema;
  batches: FrozenBatch[];
}

/**
 * Reads what is staged; an error of reading becomes one that names the damaged
 * batches.
 *
 * @throws SealerError with code `staged_file_damaged`
 */
export async function reportingDamage<T>(
  options: Staged,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (/^(Invalid Input|Conversion|IO) Error/.test(messageOf(error))) {
      // Not as cause: DuckDB quotes the line, which may hold personal data.
      throw await describeDamage(options);
    }
    throw error;
  }
}

/** Which batches do not hold what the ledger recorded; reads all of them. */
export async function describeDamage(options: Staged): Promise<Error> {
  const damaged = await findDamagedBatches(options.batches);
  return new SealerError(
    'staged_file_damaged',
    `The staged files of ${
      options.schema.eventType
    } do not hold what the ledger recorded: ${
      damaged.slice(0, 10).join('; ') ||
      'every batch has its number of lines, but not all of them are events'
    }`,
  );
}
