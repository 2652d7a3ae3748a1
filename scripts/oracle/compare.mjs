/**
 * The oracle's rule, from the point of view of a client that kept a journal
 * and of somebody who can read the lake:
 *
 * - every event answered `accepted` is in the lake, of its type, exactly once;
 * - every event answered `refused` is listed with the same reason, and not in
 *   the lake;
 * - nothing is in the lake, or listed, that was never sent;
 * - an event without an answer may be in either place or in none.
 *
 * @param {{ id: string, source: string, type: string, outcome: string,
 *   reason?: string, pointer?: string, data?: object }[]} journal
 * @param {{ endpoint: string, partition: string, row: object }[]} rows
 * @param {{ eventId?: string, source?: string, eventType?: string,
 *   reason: string, pointer?: string }[]} refused
 */
export function compare(journal, rows, refused) {
  const problems = [];
  const keyOf = (type, source, id) => JSON.stringify([type, source, id]);

  const sent = new Map();
  for (const entry of journal) {
    const key = keyOf(entry.type, entry.source, entry.id);
    const known = sent.get(key);
    // Sent more than once: one accepted answer makes it accepted.
    if (!known || entry.outcome === 'accepted') sent.set(key, entry);
  }

  const found = new Map();
  for (const { endpoint, partition, row } of rows) {
    const key = keyOf(endpoint, row._source, row._id);
    const entry = sent.get(key);
    if (!entry) {
      problems.push(`${key} is in ${partition} and was never sent`);
      continue;
    }
    if (entry.outcome === 'refused') {
      problems.push(`${key} was refused and is in ${partition}`);
    }
    if (found.has(key)) {
      problems.push(`${key} is in ${found.get(key)} and again in ${partition}`);
    }
    found.set(key, partition);
    problems.push(...differences(key, entry.data, row));
  }

  const listed = new Map(
    refused.map(item => [
      keyOf(item.eventType, item.source, item.eventId),
      item,
    ]),
  );
  const counts = { accepted: 0, delivered: found.size, refused: 0, lost: 0 };
  for (const [key, entry] of sent) {
    if (entry.outcome === 'accepted') {
      counts.accepted += 1;
      if (!found.has(key)) {
        counts.lost += 1;
        problems.push(`${key} was accepted and is in no sealed partition`);
      }
    }
    if (entry.outcome === 'refused') {
      counts.refused += 1;
      const item = listed.get(key);
      if (!item) {
        counts.lost += 1;
        problems.push(`${key} was refused and is not listed`);
      } else if (
        item.reason !== entry.reason ||
        (item.pointer ?? undefined) !== (entry.pointer ?? undefined)
      ) {
        problems.push(
          `${key} was refused for ${entry.reason} at ${entry.pointer} and is listed for ${item.reason} at ${item.pointer}`,
        );
      }
    }
  }
  for (const [key, item] of listed) {
    // A refused event may have no readable id; then it cannot be compared.
    if (item.eventId && !sent.has(key)) {
      problems.push(`${key} is listed as refused and was never sent`);
    }
  }
  return { ...counts, problems };
}

/** Compares the plain values of an event with its row, where they are known. */
function differences(key, data, row) {
  return Object.entries(data ?? {})
    .filter(([, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value),
    )
    .filter(([name, value]) => !isSame(row[name], value))
    .map(([name]) => `${key}: field ${name} is not what was sent`);
}

/** Whether a stored value is the sent one: a timestamp may change its form. */
function isSame(stored, sent) {
  if (stored instanceof Date) return stored.getTime() === Date.parse(sent);
  if (typeof stored === 'bigint') return Number(stored) === sent;
  return stored === sent;
}
