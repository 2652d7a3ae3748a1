import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Announcer } from './announcementCursor';

/**
 * Up to which place in the order of commits everything was announced, as
 * `listSealedSince` gives it; `0` is nothing yet.
 *
 * @public
 */
export async function readAnnouncementCursor(
  db: Knex,
  options: { announcer: Announcer },
): Promise<string> {
  const [row] = await queryRows<{ seq: string }>(
    db,
    `SELECT commit_seq::text AS seq FROM announcement_cursors
     WHERE announcer = :announcer`,
    options,
  );
  return row?.seq ?? '0';
}
