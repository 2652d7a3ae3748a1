import { Knex } from 'knex';

/** What is written of a partition while it is sealed, and counts with it alone. */
const BOOKS = [
  'partition_fates',
  'partition_arrivals',
  'partition_numbering',
] as const;

/**
 * Takes back the rows of revisions that were being made and were never prepared:
 * no reader has ever seen them. The caller has locked the operation.
 */
export async function dropUnpublished(
  tx: Knex.Transaction,
  options: { operationId: string },
): Promise<void> {
  const { operationId } = options;
  await tx.raw(
    `UPDATE revision_changes SET to_partition_id = NULL
     WHERE operation_id = :operationId`,
    { operationId },
  );
  const ofOperation = `
    SELECT partition_id FROM partitions
    WHERE operation_id = :operationId AND state = 'sealing'`;
  for (const table of BOOKS) {
    await tx.raw(
      `DELETE FROM ${table} WHERE partition_id IN (${ofOperation})`,
      { operationId },
    );
  }
  await tx.raw(
    `DELETE FROM partitions
     WHERE operation_id = :operationId AND state = 'sealing'`,
    { operationId },
  );
}
