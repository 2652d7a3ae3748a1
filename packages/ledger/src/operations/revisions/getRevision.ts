import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { REVISION_COLUMNS, RevisionRow, toRevisionRecord } from './revisionRow';
import { RevisionRecord } from './revisionTypes';

/**
 * An operation with what it does to each partition, or `undefined`.
 *
 * @public
 */
export async function getRevision(
  db: Knex,
  options: { operationId: string },
): Promise<RevisionRecord | undefined> {
  const [row] = await queryRows<RevisionRow>(
    db,
    `SELECT ${REVISION_COLUMNS} FROM revision_operations o
     WHERE o.operation_id = :operationId`,
    { operationId: options.operationId },
  );
  return row && toRevisionRecord(row);
}
