import { Knex } from 'knex';
import { inChunks, storableName, storableText } from '../../database/values';
import { RefusedEvent } from '../../types';

const ROWS_PER_STATEMENT = 2_000;

/**
 * Keeps refused events of either stage. The same refusal again (same id) raises
 * `seen_count` and the time it was last seen, nothing else.
 *
 * The values travel as text arrays, not as JSON: they come from the outside
 * world, and Postgres' JSON parser refuses strings that its text type takes.
 */
export async function insertRefusedEvents(
  db: Knex,
  options: {
    events: RefusedEvent[];
    stage: 'gateway' | 'sealing';
    partitionId?: string;
  },
): Promise<void> {
  const { events, stage, partitionId } = options;
  for await (const chunk of inChunks(events, ROWS_PER_STATEMENT)) {
    await db.raw(
      `INSERT INTO refused_events AS r (refusal_id, stage, event_type, event_id,
         source, reason, pointer, message, received_at, last_received_at,
         seen_count, write_key_id, event, partition_id)
       SELECT DISTINCT ON (refusal_id) refusal_id, :stage, event_type, event_id,
         source, reason, pointer, message, received_at,
         max(received_at) OVER same, count(*) OVER same, write_key_id, event,
         :partitionId::bigint
       FROM unnest(:refusalIds::uuid[], :eventTypes::text[],
         :eventIds::text[], :sources::text[], :reasons::text[],
         :pointers::text[], :messages::text[], :receivedAts::timestamptz[],
         :writeKeyIds::text[], :events::text[])
         AS e (refusal_id, event_type, event_id, source, reason, pointer,
           message, received_at, write_key_id, event)
       WINDOW same AS (PARTITION BY refusal_id)
       ORDER BY refusal_id, received_at
       ON CONFLICT (refusal_id) DO UPDATE SET
         seen_count = r.seen_count + excluded.seen_count,
         last_received_at =
           greatest(r.last_received_at, excluded.last_received_at)`,
      {
        stage,
        partitionId: partitionId ?? null,
        refusalIds: chunk.map(event => event.refusalId),
        eventTypes: chunk.map(event => storableName(event.eventType) ?? null),
        eventIds: chunk.map(event => storableText(event.eventId) ?? null),
        sources: chunk.map(event => storableText(event.source) ?? null),
        reasons: chunk.map(event => storableName(event.reason)),
        pointers: chunk.map(event => storableText(event.pointer) ?? null),
        messages: chunk.map(event => storableText(event.message)),
        receivedAts: chunk.map(event => event.receivedAt),
        writeKeyIds: chunk.map(event => storableText(event.writeKeyId) ?? null),
        events: chunk.map(event => storableText(event.event)),
      },
    );
  }
}
