import { Knex } from 'knex';
import { inChunks, queryRows } from '../../database/values';
import { EventKey } from '../../types';

const KEYS_PER_STATEMENT = 100_000;

/** Exported so that a test can look at its plan. */
export const findKnownEventKeysSql = `
  SELECT event_key AS "eventKey", content_hash AS "contentHash"
  FROM event_ids
  WHERE event_type = :eventType
    AND event_key = ANY (string_to_array(:eventKeys, ',')::uuid[])`;

/** @public */
export interface FindKnownEventKeysOptions {
  eventType: string;
  keys: EventKey[];
}

/**
 * Finds which event keys were sealed by earlier releases, whose ids are in the
 * ledger until they are beyond the horizon, with all contents known under each:
 * the content says whether an event is a duplicate or a conflict. Keys that are
 * not known are not in the answer. Takes 100,000 keys at a time without trouble.
 * All later ids are in the files that `listIdFiles` names.
 *
 * @public
 */
export async function findKnownEventKeys(
  db: Knex,
  options: FindKnownEventKeysOptions,
): Promise<Map<string, Set<string>>> {
  const known = new Map<string, Set<string>>();
  for await (const chunk of inChunks(options.keys, KEYS_PER_STATEMENT)) {
    const rows = await queryRows<EventKey>(db, findKnownEventKeysSql, {
      eventType: options.eventType,
      eventKeys: chunk.map(key => key.eventKey).join(),
    });
    for (const { eventKey, contentHash } of rows) {
      const contents = known.get(eventKey);
      if (contents) {
        contents.add(contentHash);
      } else {
        known.set(eventKey, new Set([contentHash]));
      }
    }
  }
  return known;
}
