import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import {
  SINK_LOAD_COLUMNS,
  SinkLoadRecord,
  SinkLoadRow,
  toSinkLoad,
} from './sinkTypes';

/**
 * How far the given partitions have come in the sinks that are run.
 *
 * @public
 */
export async function listSinkLoads(
  db: Knex,
  options: { partitionIds: string[] },
): Promise<SinkLoadRecord[]> {
  const rows = await queryRows<SinkLoadRow>(
    db,
    `SELECT ${SINK_LOAD_COLUMNS} FROM sinks s
     JOIN sink_loads l ON l.sink = s.sink
       AND l.partition_id = ANY (:partitionIds::bigint[])
     ORDER BY l.partition_id, l.sink`,
    { partitionIds: options.partitionIds },
  );
  return rows.map(toSinkLoad);
}
