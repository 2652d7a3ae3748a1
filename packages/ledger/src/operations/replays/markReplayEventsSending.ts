import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { replayResource } from './replayTypes';

/** What an event is about to be sent as. @public */
export interface ReplayEventToSend {
  position: number;
  eventType: string;
  /** Missing when what the fix made of it has none a gateway would take. */
  eventId?: string;
  /** md5 of source and id as a UUID; missing without these. */
  eventKey?: string;
  /** The id is none of its own. */
  isIdMinted: boolean;
}

/**
 * Notes what is about to be sent, before it is sent: a runner that takes over
 * sends the same events with the same ids.
 *
 * @public
 */
export async function markReplayEventsSending(
  db: Knex,
  options: {
    replayId: string;
    fencingToken: bigint;
    events: ReplayEventToSend[];
  },
): Promise<void> {
  const { replayId, fencingToken, events } = options;
  await inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: replayResource(replayId),
      fencingToken,
    });
    await tx.raw(
      `UPDATE replay_events e SET state = 'sending',
         event_type = s.event_type, event_id = s.event_id,
         event_key = s.event_key, id_minted = s.id_minted,
         sent_at = coalesce(e.sent_at, now())
       FROM unnest(:positions::integer[], :eventTypes::text[],
         :eventIds::text[], :eventKeys::uuid[], :minted::boolean[])
         AS s (position, event_type, event_id, event_key, id_minted)
       WHERE e.replay_id = :replayId AND e.position = s.position
         AND e.state IN ('waiting', 'sending')`,
      {
        replayId,
        positions: events.map(event => event.position),
        eventTypes: events.map(event => event.eventType),
        eventIds: events.map(event => event.eventId ?? null),
        eventKeys: events.map(event => event.eventKey ?? null),
        minted: events.map(event => event.isIdMinted),
      },
    );
  });
}
