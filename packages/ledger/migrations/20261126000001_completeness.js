// @ts-check

/*
 * The books (ADR 0025): what batches are made of, what became of each receive
 * bucket's events, which numbers of each producer have arrived.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    ALTER TABLE gateway_bucket_counts
      ADD COLUMN batches_sum numeric(20)
        CHECK (batches_sum BETWEEN 0 AND 18446744073709551615);
    COMMENT ON COLUMN gateway_bucket_counts.batches_sum IS
      'Multiset hash of the confirmed batches, see batch_hash. NULL: the gateway is of a version before it.';

    ALTER TABLE staged_batches
      ADD COLUMN crc bigint CHECK (crc BETWEEN 0 AND 4294967295);

    CREATE TABLE batch_redeliveries (
      event_type text NOT NULL,
      bucket_start timestamptz NOT NULL,
      gateway text NOT NULL,
      epoch text NOT NULL,
      batch integer NOT NULL,
      times integer NOT NULL CHECK (times > 0),
      last_at timestamptz NOT NULL,
      PRIMARY KEY (event_type, bucket_start, gateway, epoch, batch)
    );
    COMMENT ON TABLE batch_redeliveries IS
      'Batches that came again and were dropped. Not an error: brokers deliver at least once.';
    CREATE INDEX batch_redeliveries_last_idx ON batch_redeliveries (last_at);

    CREATE FUNCTION batch_hash(batch integer, crc bigint) RETURNS numeric
      LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN mod(
        (mod(('x' || substr(encode(sha256(batch::text::bytea),
             'hex'), 1, 16))::bit(64)::bigint::numeric + 18446744073709551616,
           18446744073709551616)
         + 1 - mod(get_byte(sha256(batch::text::bytea), 7), 2)
        ) * (crc + 1),
        18446744073709551616);
    COMMENT ON FUNCTION batch_hash IS
      'K(batch) * (crc + 1) modulo 2^64; K is the first 8 bytes of the SHA-256 of the number in decimal, made odd.';

    CREATE TABLE batch_findings (
      event_type text NOT NULL,
      bucket_start timestamptz NOT NULL,
      gateway text NOT NULL,
      epoch text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('batch_missing', 'batch_unreadable',
        'batch_undeclared', 'batch_altered', 'batch_number_reused',
        'batches_altered', 'events_differ')),
      batch integer NOT NULL DEFAULT 0,
      events bigint,
      seen_count integer NOT NULL DEFAULT 1,
      found_at timestamptz NOT NULL DEFAULT now(),
      resolved_at timestamptz,
      PRIMARY KEY (event_type, bucket_start, gateway, epoch, kind, batch)
    );
    COMMENT ON COLUMN batch_findings.batch IS
      '0 when the finding is about the bucket and no single batch can be named.';
    COMMENT ON COLUMN batch_findings.resolved_at IS
      'When a later look no longer found it, for example because the batch came late.';
    CREATE INDEX batch_findings_found_idx ON batch_findings (found_at);

    CREATE TABLE partition_arrivals (
      partition_id bigint NOT NULL REFERENCES partitions,
      event_type text NOT NULL,
      receive_start timestamptz NOT NULL,
      gateway text NOT NULL,
      epoch text NOT NULL,
      batches integer NOT NULL CHECK (batches > 0),
      events bigint NOT NULL CHECK (events >= 0),
      outside_batches integer NOT NULL DEFAULT 0,
      outside_events bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (event_type, receive_start, gateway, epoch, partition_id)
    );
    COMMENT ON TABLE partition_arrivals IS
      'From which receive buckets and gateways the events of a partition came. It counts once the partition is sealed, and outlives the staged batches.';
    COMMENT ON COLUMN partition_arrivals.outside_events IS
      'Of these, events in batches that the declaration does not count: abandoned ones that came all the same.';
    CREATE INDEX partition_arrivals_partition_idx
      ON partition_arrivals (partition_id);

    CREATE TABLE partition_fates (
      partition_id bigint NOT NULL REFERENCES partitions,
      event_type text NOT NULL,
      receive_start timestamptz NOT NULL,
      accepted bigint NOT NULL,
      delivered bigint NOT NULL CHECK (delivered >= 0),
      duplicates bigint NOT NULL CHECK (duplicates >= 0),
      refused bigint NOT NULL CHECK (refused >= 0),
      accepted_sum numeric(20) NOT NULL,
      delivered_sum numeric(20) NOT NULL,
      duplicates_sum numeric(20) NOT NULL,
      refused_sum numeric(20) NOT NULL,
      PRIMARY KEY (event_type, receive_start, partition_id),
      CONSTRAINT partition_fates_books_balance CHECK (
        accepted = delivered + duplicates + refused
      ),
      CONSTRAINT partition_fates_sums_balance CHECK (
        accepted_sum = mod(delivered_sum + duplicates_sum + refused_sum,
          18446744073709551616)
      )
    );
    COMMENT ON TABLE partition_fates IS
      'What became of the events of each receive bucket in a partition, with the multiset hash of their keys. It counts once the partition is sealed.';
    CREATE INDEX partition_fates_partition_idx ON partition_fates (partition_id);

    CREATE TABLE partition_numbering (
      partition_id bigint PRIMARY KEY REFERENCES partitions,
      event_type text NOT NULL,
      accounted_at timestamptz NOT NULL DEFAULT now(),
      numbered_events bigint NOT NULL,
      unnumbered_events bigint NOT NULL,
      untracked_events bigint NOT NULL
    );
    COMMENT ON TABLE partition_numbering IS
      'How many events carry producer, epoch and sequence, and how many of those were beyond what is tracked.';
    CREATE INDEX partition_numbering_untracked_idx
      ON partition_numbering (accounted_at) WHERE untracked_events > 0;

    CREATE TABLE books (began_at timestamptz NOT NULL);
    INSERT INTO books VALUES (now());
    COMMENT ON TABLE books IS
      'Since when books are kept: nothing is said of the buckets before, and what an older epoch of a producer sent before is not taken for a gap.';

    CREATE TABLE producer_epochs (
      producer text NOT NULL,
      epoch text NOT NULL,
      counts_from bigint NOT NULL CHECK (counts_from >= 1),
      known_through bigint NOT NULL,
      complete int8multirange NOT NULL DEFAULT '{}',
      first_seen_at timestamptz NOT NULL,
      last_seen_at timestamptz NOT NULL,
      accounted_at timestamptz NOT NULL,
      PRIMARY KEY (producer, epoch)
    );
    COMMENT ON COLUMN producer_epochs.known_through IS
      'The highest number that was received or reported as dropped: all up to it have been given to an event.';
    COMMENT ON COLUMN producer_epochs.complete IS
      'Stretches of 1,024 numbers that have arrived to the last; the others are in producer_sequences.';
    CREATE INDEX producer_epochs_accounted_idx ON producer_epochs (accounted_at);

    CREATE TABLE producer_sequences (
      producer text NOT NULL,
      epoch text NOT NULL,
      chunk bigint NOT NULL,
      event_type text NOT NULL,
      bits bit(1024) NOT NULL,
      PRIMARY KEY (producer, epoch, chunk, event_type),
      FOREIGN KEY (producer, epoch) REFERENCES producer_epochs ON DELETE CASCADE
    );
    COMMENT ON TABLE producer_sequences IS
      'Bit i of chunk c: number 1024 c + i + 1 has arrived. One row per event type; the empty one stands for events that the gateway refused.';

    CREATE TABLE producer_types (
      event_type text NOT NULL,
      producer text NOT NULL,
      epoch text NOT NULL,
      lowest bigint,
      highest bigint,
      folded bigint NOT NULL DEFAULT 0,
      last_seen_at timestamptz NOT NULL,
      PRIMARY KEY (producer, epoch, event_type),
      FOREIGN KEY (producer, epoch) REFERENCES producer_epochs ON DELETE CASCADE
    );
    COMMENT ON COLUMN producer_types.folded IS
      'Numbers of the type in stretches that are complete and so no longer in producer_sequences.';
    CREATE INDEX producer_types_seen_idx
      ON producer_types (event_type, last_seen_at, producer, epoch);

    CREATE TABLE producer_marks (
      producer text NOT NULL,
      epoch text NOT NULL,
      day date NOT NULL,
      known_through bigint NOT NULL,
      PRIMARY KEY (producer, epoch, day),
      FOREIGN KEY (producer, epoch) REFERENCES producer_epochs ON DELETE CASCADE
    );
    COMMENT ON TABLE producer_marks IS
      'The highest number known on a day, by the clock of the database: so old at least are all up to it.';

    CREATE TABLE producer_drops (
      producer text NOT NULL,
      epoch text NOT NULL,
      report_key uuid NOT NULL,
      first_sequence bigint NOT NULL CHECK (first_sequence >= 1),
      last_sequence bigint NOT NULL,
      events bigint NOT NULL,
      reason text NOT NULL,
      reported_at timestamptz NOT NULL,
      PRIMARY KEY (producer, epoch, report_key),
      FOREIGN KEY (producer, epoch) REFERENCES producer_epochs ON DELETE CASCADE,
      CHECK (events BETWEEN 1 AND last_sequence - first_sequence + 1)
    );
    COMMENT ON TABLE producer_drops IS
      'What producers say they gave up. The events dropped lie in the range; not every number of the range need be one.';

    CREATE FUNCTION numbers_received(of_producer text, of_epoch text,
        first_number bigint, last_number bigint) RETURNS bigint
      LANGUAGE sql STABLE PARALLEL SAFE
      RETURN coalesce((
        SELECT sum(upper(r) - lower(r))
        FROM producer_epochs e,
          unnest(e.complete * int8multirange(int8range(first_number,
            greatest(last_number, first_number - 1) + 1))) AS r
        WHERE e.producer = of_producer AND e.epoch = of_epoch
      ), 0)::bigint + coalesce((
        SELECT sum(bit_count(substring(c.bits
          FROM (greatest(first_number - 1024 * c.chunk, 1))::integer
          FOR (least(last_number - 1024 * c.chunk, 1024)
            - greatest(first_number - 1024 * c.chunk, 1) + 1)::integer)))
        FROM (
          SELECT s.chunk, bit_or(s.bits) AS bits FROM producer_sequences s
          WHERE s.producer = of_producer AND s.epoch = of_epoch
            AND first_number <= last_number
            AND s.chunk BETWEEN (first_number - 1) / 1024
              AND (last_number - 1) / 1024
          GROUP BY s.chunk
        ) c
      ), 0)::bigint;
    COMMENT ON FUNCTION numbers_received IS
      'How many numbers of a range have arrived, each once, of whatever type.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP FUNCTION numbers_received;
    DROP TABLE producer_drops;
    DROP TABLE producer_marks;
    DROP TABLE producer_types;
    DROP TABLE producer_sequences;
    DROP TABLE producer_epochs;
    DROP TABLE books;
    DROP TABLE partition_numbering;
    DROP TABLE partition_fates;
    DROP TABLE partition_arrivals;
    DROP TABLE batch_findings;
    DROP FUNCTION batch_hash;
    DROP TABLE batch_redeliveries;
    ALTER TABLE staged_batches DROP COLUMN crc;
    ALTER TABLE gateway_bucket_counts DROP COLUMN batches_sum;
  `);
};
