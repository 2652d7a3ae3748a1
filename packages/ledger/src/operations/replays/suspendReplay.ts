import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { endReplayWriteKeys } from './endReplayWriteKeys';
import { replayResource } from './replayTypes';

/**
 * Lets go of a replay before its end, for another runner to go on with: the
 * write keys it has sent with are revoked. Does nothing to one that has ended.
 *
 * @public
 */
export async function suspendReplay(
  db: Knex,
  options: { replayId: string; fencingToken: bigint },
): Promise<void> {
  const { replayId, fencingToken } = options;
  await inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: replayResource(replayId),
      fencingToken,
    });
    await endReplayWriteKeys(tx, { replayId });
  });
}
