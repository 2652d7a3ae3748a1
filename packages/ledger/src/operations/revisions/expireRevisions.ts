import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { PREVIEW_VALID_HOURS } from './revisionTypes';

/**
 * Ends operations whose preview nobody has approved in time, by the database's
 * clock, so that the staged files they hold can go. Gives their number.
 *
 * @public
 */
export async function expireRevisions(db: Knex): Promise<number> {
  return queryCount(
    db,
    `UPDATE revision_operations SET state = 'expired', finished_at = now()
     WHERE state = 'previewed'
       AND previewed_at < now() - :hours * interval '1 hour'`,
    { hours: PREVIEW_VALID_HOURS },
  );
}
