/**
 * The oracle's rule, from the point of view of a client that kept a journal
 * and of somebody who can read the lake:
 *
 * - every event answered `accepted` is in the lake, of its type, exactly once;
 * - the same id with other content is another event: both are there, and of the
 *   rows with one id exactly one is without the conflict mark;
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

  /** @type {Map<string, Map<string, object>>} by id, then by content */
  const sent = new Map();
  for (const entry of journal) {
    const key = keyOf(entry.type, entry.source, entry.id);
    const contents = sent.get(key) ?? new Map();
    sent.set(key, contents);
    // Without content it is one that is known, sent again.
    const content = entry.data
      ? JSON.stringify(entry.data)
      : [...contents.keys()][0];
    // Sent more than once: one accepted answer makes it accepted.
    if (!contents.has(content) || entry.outcome === 'accepted') {
      contents.set(content, entry);
    }
  }

  /** Where each entry of the journal was found. */
  const found = new Map();
  const unmarked = new Map();
  let duplicated = 0;
  for (const { endpoint, partition, row } of rows) {
    const key = keyOf(endpoint, row._source, row._id);
    const entry = entryOf(sent.get(key), row);
    if (!entry) {
      problems.push(`${key} is in ${partition} and was never sent`);
      continue;
    }
    if (entry.outcome === 'refused') {
      problems.push(`${key} was refused and is in ${partition}`);
    }
    if (found.has(entry)) {
      duplicated += 1;
      problems.push(
        `${key} is in ${found.get(entry)} and again in ${partition}`,
      );
    }
    found.set(entry, partition);
    if (!row._id_conflict) unmarked.set(key, (unmarked.get(key) ?? 0) + 1);
    problems.push(...differences(key, entry.data, row));
  }

  const listed = new Map(
    refused.map(item => [
      keyOf(item.eventType, item.source, item.eventId),
      item,
    ]),
  );
  const counts = {
    accepted: 0,
    delivered: found.size,
    duplicated,
    refused: 0,
    lost: 0,
  };
  for (const [key, contents] of sent) {
    for (const entry of contents.values()) {
      if (entry.outcome === 'accepted') {
        counts.accepted += 1;
        if (!found.has(entry)) {
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
    const there = [...contents.values()].filter(entry => found.has(entry));
    if (there.length > 1 && unmarked.get(key) !== 1) {
      problems.push(
        `${key} is there with ${there.length} contents, of which ${
          unmarked.get(key) ?? 0
        } have no conflict mark`,
      );
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

/** Which of the events with one id a row is; the first when it is none. */
function entryOf(contents, row) {
  if (!contents) return undefined;
  const entries = [...contents.values()];
  return (
    entries.find(({ data }) => differences('', data, row).length === 0) ??
    entries[0]
  );
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
