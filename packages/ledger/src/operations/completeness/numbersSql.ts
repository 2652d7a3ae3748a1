/*
 * What is known of the numbers of one epoch; `e` is its row of producer_epochs.
 *
 * Settled is the highest number that was known 31 days ago or earlier, by the
 * clock of the database: an SDK's queue, a broker and the removal of duplicates
 * reach back so far, so what has not arrived up to there will not. Above it, a
 * gap is pending. A producer's own word (a drop) makes a gap declared dropped at
 * once. Where more came than is kept account of, gaps may be of our own making,
 * and nothing is called missing.
 */
export const SETTLED_SQL = `
  SELECT max(m.known_through) AS through FROM producer_marks m
  WHERE m.producer = e.producer AND m.epoch = e.epoch
    AND m.day <= (coalesce(:now::timestamptz, now()) AT TIME ZONE 'UTC')::date
      - 32`;

export const IS_UNCERTAIN_SQL = `
  EXISTS (
    SELECT FROM partition_numbering u
    WHERE u.untracked_events > 0
      AND u.accounted_at >= e.first_seen_at AND u.accounted_at <= e.accounted_at
  )`;

/** One row: the terms of `given = received + pending + missing + dropped`. */
export const NUMBERS_SQL = `
  SELECT g.given, g.received, g.is_uncertain, d.declared_dropped, m.missing,
    greatest(0, g.given - g.received - d.declared_dropped - m.missing)
      AS pending
  FROM (
    SELECT e.known_through - e.counts_from + 1 AS given,
      numbers_received(e.producer, e.epoch, e.counts_from, e.known_through)
        AS received,
      ${IS_UNCERTAIN_SQL} AS is_uncertain
  ) g,
  LATERAL (${SETTLED_SQL}) settled,
  LATERAL (
    SELECT coalesce(range_agg(int8range(first_sequence, last_sequence + 1)), '{}')
        AS ranges,
      coalesce(sum(events), 0) AS events,
      coalesce(sum(events) FILTER (
        WHERE first_sequence <= settled.through), 0) AS settled_events
    FROM producer_drops p
    WHERE p.producer = e.producer AND p.epoch = e.epoch
  ) said,
  LATERAL (
    SELECT least(said.events, coalesce(sum(upper(r) - lower(r)
        - numbers_received(e.producer, e.epoch, lower(r), upper(r) - 1)), 0))
      AS declared_dropped
    FROM unnest(said.ranges) AS r
  ) d,
  LATERAL (
    SELECT least(said.settled_events, coalesce(sum(upper(r) - lower(r)
        - numbers_received(e.producer, e.epoch, lower(r), upper(r) - 1)), 0))
      AS declared_dropped
    FROM unnest(said.ranges * int8multirange(
      int8range(NULL, coalesce(settled.through, 0) + 1))) AS r
  ) old,
  LATERAL (
    SELECT CASE WHEN settled.through IS NULL OR g.is_uncertain THEN 0
      ELSE greatest(0, settled.through - e.counts_from + 1
        - numbers_received(e.producer, e.epoch, e.counts_from, settled.through)
        - old.declared_dropped) END AS missing
  ) m`;
