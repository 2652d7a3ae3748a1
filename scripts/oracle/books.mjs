import { checkFates } from './fates.mjs';

/**
 * Reads the ledger's books with statements of its own and adds them up:
 *
 * - every sealed partition: accepted = delivered + duplicates + refused;
 * - over everything: what gateways accepted is what has a fate and what is on
 *   its way. Accepted is what a gateway declared, with those batches it had
 *   given up and that arrived all the same; of a gateway that died without a
 *   word it is what arrived;
 * - what the ledger says was delivered is what the lake holds;
 * - of each gateway epoch and receive bucket, what the ledger says became of its
 *   events is what its batches and the lake say (`fates.mjs`);
 * - nothing lies in a bucket that has not come yet.
 *
 * @param {(sql: string) => Promise<object[]>} query of a connection that only
 *   reads
 * @param {{ rows: { endpoint: string, partition: string, row: object }[] }} lake
 *   as `readLake` gives it
 * @param {{ counted?: Set<string> }} options `counted`: partitions whose fates
 *   were found right before, filled by this call
 * @returns {Promise<{ sum: number, accepted: number, delivered: number,
 *   duplicates: number, refused: number, inFlight: number, unsealed: number,
 *   skewed: number, problems: string[] }>} `sum` is 0 when the books close
 */
export async function readBooks(query, lake, { counted } = {}) {
  const problems = [];
  const partitions = await query(`
    SELECT event_type, bucket_start, state, accepted::float8 AS accepted,
      delivered::float8 AS delivered, duplicates::float8 AS duplicates,
      refused::float8 AS refused, bucket_end > now() AS is_ahead
    FROM partitions WHERE superseded_at IS NULL`);
  const total = { accepted: 0, delivered: 0, duplicates: 0, refused: 0 };
  const deliveredByType = new Map();
  let unsealed = 0;
  for (const each of partitions) {
    const name = `${each.event_type} ${new Date(
      each.bucket_start,
    ).toISOString()}`;
    if (each.is_ahead) problems.push(`ahead: ${name} is ${each.state} already`);
    if (each.state !== 'sealed') {
      unsealed += 1;
      continue;
    }
    const { accepted, delivered, duplicates, refused } = each;
    if (accepted !== delivered + duplicates + refused) {
      problems.push(`books: ${name} does not add up`);
    }
    for (const count of Object.keys(total)) total[count] += each[count];
    deliveredByType.set(
      each.event_type,
      (deliveredByType.get(each.event_type) ?? 0) + delivered,
    );
  }

  for (const { endpoint } of lake.rows) {
    deliveredByType.set(endpoint, (deliveredByType.get(endpoint) ?? 0) - 1);
  }
  for (const [type, difference] of deliveredByType) {
    if (difference !== 0) {
      problems.push(
        `books: the ledger says ${difference} events more of ${type} were delivered than the lake holds`,
      );
    }
  }

  const lives = await query(`
    WITH arrived AS (
      SELECT s.gateway, s.epoch, s.event_type, s.bucket_start,
        sum(s.events)::float8 AS events,
        coalesce(sum(s.events) FILTER (
          WHERE s.batch <> ALL (coalesce(c.abandoned_batches, '{}'))), 0)::float8
          AS promised
      FROM staged_batches s
      LEFT JOIN gateway_bucket_counts c
        USING (gateway, epoch, event_type, bucket_start)
      GROUP BY s.gateway, s.epoch, s.event_type, s.bucket_start
    )
    SELECT gateway, epoch, event_type, bucket_start,
      coalesce(a.events, 0) AS arrived, coalesce(a.promised, 0) AS promised,
      c.events::float8 AS declared
    FROM arrived a
    FULL JOIN gateway_bucket_counts c
      USING (gateway, epoch, event_type, bucket_start)`);
  let accepted = 0;
  for (const life of lives) {
    const { arrived, promised, declared } = life;
    accepted += declared === null ? arrived : declared + (arrived - promised);
    if (declared !== null && declared !== promised) {
      problems.push(
        `books: ${life.gateway} declared ${declared} events of ${
          life.event_type
        } for ${new Date(
          life.bucket_start,
        ).toISOString()}, and ${promised} arrived`,
      );
    }
  }

  const fates = await checkFates(query, lake, { counted });
  problems.push(...fates.problems);

  const [flight] = await query(`
    SELECT coalesce(sum(events) FILTER (WHERE consumed_at IS NULL), 0)::float8
        AS in_flight,
      coalesce(sum(events) FILTER (WHERE landing_start > bucket_start), 0)::float8
        AS skewed
    FROM staged_batches`);
  const sum =
    accepted -
    total.delivered -
    total.duplicates -
    total.refused -
    flight.in_flight;
  if (sum !== 0) {
    problems.push(
      `books: ${accepted} accepted, ${total.delivered} delivered, ${total.duplicates} duplicates, ${total.refused} refused and ${flight.in_flight} in flight leave ${sum}`,
    );
  }
  return {
    ...total,
    accepted,
    sum,
    inFlight: flight.in_flight,
    skewed: flight.skewed,
    unsealed,
    partitions: partitions.length,
    problems,
  };
}
