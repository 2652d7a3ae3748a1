import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { Announcer, announcingResource } from './announcementCursor';

/** @public */
export interface MoveAnnouncementCursorOptions {
  announcer: Announcer;
  /** Of the lease on {@link announcingResource}. */
  fencingToken: bigint;
  /** Everything up to it was announced, as `listSealedSince` gives it. */
  seq: string;
}

/**
 * Notes how far has been announced. It never goes back. Throws `FencingError`
 * when the lease has passed on: whoever has it announces from where the cursor
 * stands, so some may be announced twice, and none is left out.
 *
 * @public
 */
export async function moveAnnouncementCursor(
  db: Knex,
  options: MoveAnnouncementCursorOptions,
): Promise<void> {
  const { announcer, fencingToken, seq } = options;
  await inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: announcingResource(announcer),
      fencingToken,
    });
    await tx.raw(
      `INSERT INTO announcement_cursors AS c (announcer, commit_seq)
       VALUES (:announcer, :seq::bigint)
       ON CONFLICT (announcer) DO UPDATE SET
         commit_seq = greatest(c.commit_seq, excluded.commit_seq),
         moved_at = now()`,
      { announcer, seq },
    );
  });
}
