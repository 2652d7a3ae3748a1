import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { REVISION_COLUMNS, RevisionRow, toRevisionRecord } from './revisionRow';
import { RevisionRecord } from './revisionTypes';

/** @public */
export interface ListRevisionsOptions {
  /** Default: of all event types. */
  eventType?: string;
  /** Only those that are not over. Default: all. */
  open?: boolean;
  /** The last row of the page before. */
  before?: { requestedAt: Date; operationId: string };
  limit: number;
}

/**
 * Operations, those asked for last first. Reads along an index, so a page costs
 * the same whatever came before.
 *
 * @public
 */
export async function listRevisions(
  db: Knex,
  options: ListRevisionsOptions,
): Promise<RevisionRecord[]> {
  const { eventType, before, limit } = options;
  const rows = await queryRows<RevisionRow>(db, listRevisionsSql(options), {
    ...(eventType !== undefined && { eventType }),
    ...(before && {
      requestedAt: before.requestedAt,
      operationId: before.operationId,
    }),
    limit,
  });
  return rows.map(toRevisionRecord);
}

/** Exported so that a test can look at its plan. */
export function listRevisionsSql(
  options: Pick<ListRevisionsOptions, 'eventType' | 'open' | 'before'>,
): string {
  const conditions = [
    ...(options.eventType === undefined ? [] : ['o.event_type = :eventType']),
    ...(options.open
      ? [`o.state IN ('previewing', 'previewed', 'running')`]
      : []),
    ...(options.before
      ? ['(o.requested_at, o.operation_id) < (:requestedAt, :operationId)']
      : []),
  ];
  return `
    SELECT ${REVISION_COLUMNS} FROM revision_operations o
    ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
    ORDER BY o.requested_at DESC, o.operation_id DESC LIMIT :limit`;
}
