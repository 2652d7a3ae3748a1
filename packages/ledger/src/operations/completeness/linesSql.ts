/*
 * The ledger line, in SQL, for the receive buckets of one event type that begin
 * in a range: `accepted = delivered + duplicates + refused + in flight`.
 *
 *   gateway_line  one row per bucket and gateway epoch: what it says it
 *                 published, what has arrived, what became of what is sealed
 *   bucket_line   their sum, with the difference that must be zero
 *
 * Accepted is what a gateway declared, and besides what arrived in batches that
 * its declaration does not count: those it gave up on and the broker had
 * committed all the same. Of a gateway that has not declared (yet, or ever), it
 * is what has arrived.
 *
 * In flight is accepted without a sealed fate, in three parts counted each for
 * itself: staged, kept unreadable, and not arrived, the last only as far as the
 * numbers of missing batches account for it. So a difference shows: it is not
 * the remainder of another number.
 *
 * Fates are kept by gateway epoch, and each must have as many events with a fate
 * as batches of it hold that are sealed. Partitions of an earlier release have
 * their fates in one row for all gateways, whose gateway is empty: then those of
 * one gateway are not known, and only the bucket is compared.
 *
 * Every table is read along its key by event type and bucket; the staged
 * batches only those that are not sealed.
 */
export const LINES_SQL = `
  WITH declared AS (
    SELECT bucket_start, gateway, epoch, last_batch,
      cardinality(abandoned_batches) AS abandoned, events
    FROM gateway_bucket_counts
    WHERE event_type = :eventType
      AND bucket_start >= :from AND bucket_start < :to
  ),
  sealed AS (
    SELECT a.receive_start AS bucket_start, a.gateway, a.epoch,
      sum(a.batches) AS batches, sum(a.events) AS events,
      sum(a.outside_batches) AS outside_batches,
      sum(a.outside_events) AS outside_events,
      bool_and(NOT EXISTS (
        SELECT FROM partition_fates f
        WHERE f.event_type = :eventType AND f.receive_start = a.receive_start
          AND f.gateway = '' AND f.partition_id = a.partition_id
      )) AS is_fate_known
    FROM partition_arrivals a JOIN partitions p USING (partition_id)
    WHERE a.event_type = :eventType
      AND a.receive_start >= :from AND a.receive_start < :to
      AND p.state = 'sealed' AND p.superseded_at IS NULL
    GROUP BY a.receive_start, a.gateway, a.epoch
  ),
  fate AS (
    SELECT f.receive_start AS bucket_start, f.gateway, f.epoch,
      sum(f.accepted) AS accepted, sum(f.delivered) AS delivered,
      sum(f.duplicates) AS duplicates, sum(f.refused) AS refused
    FROM partition_fates f JOIN partitions p USING (partition_id)
    WHERE f.event_type = :eventType
      AND f.receive_start >= :from AND f.receive_start < :to
      AND p.state = 'sealed' AND p.superseded_at IS NULL
    GROUP BY f.receive_start, f.gateway, f.epoch
  ),
  staged AS (
    SELECT s.bucket_start, s.gateway, s.epoch,
      count(*) AS batches, sum(s.events) AS events,
      count(*) FILTER (WHERE is_outside) AS outside_batches,
      coalesce(sum(s.events) FILTER (WHERE is_outside), 0) AS outside_events
    FROM staged_batches s LEFT JOIN gateway_bucket_counts d
      ON d.event_type = :eventType AND d.bucket_start = s.bucket_start
      AND d.gateway = s.gateway AND d.epoch = s.epoch,
    LATERAL (SELECT coalesce(s.batch > d.last_batch
      OR s.batch = ANY (d.abandoned_batches), false) AS is_outside) c
    WHERE s.event_type = :eventType AND s.consumed_at IS NULL
      -- A batch never lands before its bucket: bounds the index.
      AND s.landing_start >= :from
      AND s.bucket_start >= :from AND s.bucket_start < :to
    GROUP BY s.bucket_start, s.gateway, s.epoch
  ),
  unreadable AS (
    SELECT p.bucket_start, p.gateway, p.epoch,
      count(*) AS batches, sum(p.events) AS events
    FROM (
      SELECT DISTINCT ON (bucket_start, gateway, epoch, batch) bucket_start,
        gateway, epoch, batch,
        CASE WHEN attributes ->> 'events' ~ '^[0-9]{1,9}$'
          THEN (attributes ->> 'events')::bigint ELSE 0 END AS events
      FROM poison_batches
      WHERE event_type = :eventType
        AND bucket_start >= :from AND bucket_start < :to
      ORDER BY bucket_start, gateway, epoch, batch
    ) p
    WHERE NOT EXISTS (
      SELECT FROM staged_batches s
      WHERE s.event_type = :eventType AND s.bucket_start = p.bucket_start
        AND s.gateway = p.gateway AND s.epoch = p.epoch AND s.batch = p.batch
    )
    GROUP BY p.bucket_start, p.gateway, p.epoch
  ),
  party AS (
    SELECT bucket_start, gateway, epoch FROM declared
    UNION SELECT bucket_start, gateway, epoch FROM sealed
    UNION SELECT bucket_start, gateway, epoch FROM staged
    UNION SELECT bucket_start, gateway, epoch FROM unreadable
    UNION SELECT bucket_start, gateway, epoch FROM fate WHERE gateway <> ''
  ),
  counted AS (
    SELECT g.bucket_start, g.gateway, g.epoch,
      d.gateway IS NOT NULL AS is_declared,
      coalesce(d.events, 0) AS declared,
      coalesce(l.outside_events, 0) + coalesce(s.outside_events, 0) AS outside,
      coalesce(l.events, 0) AS sealed,
      coalesce(s.events, 0) AS staged,
      coalesce(u.events, 0) AS unreadable,
      coalesce(l.is_fate_known, true) AS is_fate_known,
      coalesce(f.accepted, 0) AS fated,
      coalesce(f.delivered, 0) AS delivered,
      coalesce(f.duplicates, 0) AS duplicates,
      coalesce(f.refused, 0) AS refused,
      CASE WHEN d.gateway IS NULL THEN 0 ELSE greatest(0, d.last_batch
        - d.abandoned - coalesce(u.batches, 0)
        - (coalesce(l.batches, 0) - coalesce(l.outside_batches, 0))
        - (coalesce(s.batches, 0) - coalesce(s.outside_batches, 0)))
      END AS missing_batches
    FROM party g
    LEFT JOIN declared d USING (bucket_start, gateway, epoch)
    LEFT JOIN sealed l USING (bucket_start, gateway, epoch)
    LEFT JOIN staged s USING (bucket_start, gateway, epoch)
    LEFT JOIN unreadable u USING (bucket_start, gateway, epoch)
    LEFT JOIN fate f USING (bucket_start, gateway, epoch)
  ),
  gateway_line AS (
    SELECT c.*, a.accepted, n.not_arrived,
      abs(a.accepted - c.sealed - c.staged - c.unreadable - n.not_arrived)
        AS arrival_difference,
      CASE WHEN c.is_fate_known THEN abs(c.sealed - c.fated) ELSE 0 END
        AS fate_difference
    FROM counted c,
    LATERAL (SELECT CASE WHEN c.is_declared THEN c.declared + c.outside
      ELSE c.sealed + c.staged + c.unreadable END AS accepted) a,
    LATERAL (SELECT CASE WHEN c.missing_batches > 0 THEN greatest(0,
      a.accepted - c.sealed - c.staged - c.unreadable) ELSE 0 END
      AS not_arrived) n
  ),
  fate_of_bucket AS (
    SELECT bucket_start, sum(accepted) AS accepted,
      sum(delivered) AS delivered, sum(duplicates) AS duplicates,
      sum(refused) AS refused
    FROM fate GROUP BY bucket_start
  ),
  gateways_of_bucket AS (
    SELECT bucket_start, sum(accepted) AS accepted, sum(sealed) AS sealed,
      sum(staged) AS staged, sum(unreadable) AS unreadable,
      sum(not_arrived) AS not_arrived, sum(missing_batches) AS missing_batches,
      sum(arrival_difference) AS arrival_difference,
      sum(fate_difference) AS fate_difference,
      bool_and(is_declared) AS is_declared
    FROM gateway_line GROUP BY bucket_start
  ),
  bucket_line AS (
    SELECT bucket_start, g.accepted, coalesce(f.delivered, 0) AS delivered,
      coalesce(f.duplicates, 0) AS duplicates, coalesce(f.refused, 0) AS refused,
      g.staged, g.unreadable, g.not_arrived, g.missing_batches,
      g.is_declared,
      -- What one gateway lacks may be what another has too much.
      g.arrival_difference + greatest(g.fate_difference,
        abs(g.sealed - coalesce(f.accepted, 0))) AS difference
    FROM gateways_of_bucket g LEFT JOIN fate_of_bucket f USING (bucket_start)
  )`;

/** The terms of a line as numbers; exact up to 2^53 events. */
export const LINE_COLUMNS = `
  accepted::float8, delivered::float8, duplicates::float8, refused::float8,
  staged::float8, unreadable::float8, not_arrived::float8 AS "notArrived",
  missing_batches::float8 AS "missingBatches", difference::float8,
  is_declared AS "isDeclared"`;
