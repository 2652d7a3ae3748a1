import { Knex } from 'knex';
import { storableName, storableText } from '../../database/values';
import { RefusedEvent } from '../../types';

/*
 * Bounds of one statement. A thousand rows keep its parse and its locks short;
 * the bytes bound what driver and server hold of it in memory, whatever the
 * size of single events.
 */
const MAX_ROWS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Beyond what anyone reads; a pointer may be as long as the event. */
const MAX_POINTER_LENGTH = 4_096;

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
  const { stage, partitionId } = options;
  // In one order, so that two batches with the same refusals never wait for
  // each other in a circle.
  const events = [...options.events].sort((a, b) =>
    a.refusalId < b.refusalId ? -1 : 1,
  );
  for (const chunk of statements(events)) {
    await db.raw(
      `INSERT INTO refused_events AS r (refusal_id, stage, event_type, event_id,
         source, reason, pointer, message, received_at, last_received_at,
         seen_count, write_key_id, event, truncated, partition_id)
       SELECT DISTINCT ON (refusal_id) refusal_id, :stage, event_type, event_id,
         source, reason, pointer, message, received_at,
         max(received_at) OVER same, count(*) OVER same, write_key_id, event,
         truncated, :partitionId::bigint
       FROM unnest(:refusalIds::uuid[], :eventTypes::text[],
         :eventIds::text[], :sources::text[], :reasons::text[],
         :pointers::text[], :messages::text[], :receivedAts::timestamptz[],
         :writeKeyIds::text[], :events::text[], :truncated::boolean[])
         AS e (refusal_id, event_type, event_id, source, reason, pointer,
           message, received_at, write_key_id, event, truncated)
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
        pointers: chunk.map(
          event =>
            storableText(event.pointer)?.slice(0, MAX_POINTER_LENGTH) ?? null,
        ),
        messages: chunk.map(event => storableText(event.message)),
        receivedAts: chunk.map(event => event.receivedAt),
        writeKeyIds: chunk.map(event => storableName(event.writeKeyId) ?? null),
        events: chunk.map(event => storableText(event.event)),
        truncated: chunk.map(event => event.truncated ?? false),
      },
    );
  }
}

function* statements(events: RefusedEvent[]): Generator<RefusedEvent[]> {
  let chunk: RefusedEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size =
      event.event.length + event.message.length + (event.pointer?.length ?? 0);
    if (
      chunk.length === MAX_ROWS ||
      (chunk.length > 0 && bytes + size > MAX_BYTES)
    ) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(event);
    bytes += size;
  }
  if (chunk.length > 0) {
    yield chunk;
  }
}
