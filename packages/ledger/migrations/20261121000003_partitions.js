// @ts-check

/*
 * Staged batches and the partitions they are sealed into. The constraints
 * carry the promises: a batch is recorded once, a sealed partition's books
 * balance, and a revision of a bucket exists once.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE partitions (
      partition_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      event_type text NOT NULL,
      bucket_start timestamptz NOT NULL,
      bucket_seconds integer NOT NULL CHECK (bucket_seconds > 0),
      bucket_end timestamptz NOT NULL,
      revision integer NOT NULL CHECK (revision > 0),
      state text NOT NULL CHECK (state IN ('sealing', 'sealed')),
      began_at timestamptz NOT NULL DEFAULT now(),
      sealed_at timestamptz,
      superseded_at timestamptz,
      decision jsonb NOT NULL,
      schema_version integer,
      accepted bigint NOT NULL DEFAULT 0 CHECK (accepted >= 0),
      delivered bigint NOT NULL DEFAULT 0 CHECK (delivered >= 0),
      duplicates bigint NOT NULL DEFAULT 0 CHECK (duplicates >= 0),
      refused bigint NOT NULL DEFAULT 0 CHECK (refused >= 0),
      conflicts bigint NOT NULL DEFAULT 0,
      skewed bigint NOT NULL DEFAULT 0,
      bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
      manifest_path text,
      manifest_sha256 text,
      UNIQUE (event_type, bucket_start, revision),
      CONSTRAINT partitions_bucket_is_whole CHECK (
        bucket_end = bucket_start + bucket_seconds * interval '1 second'
      ),
      CONSTRAINT partitions_books_balance CHECK (
        state <> 'sealed' OR accepted = delivered + duplicates + refused
      ),
      CONSTRAINT partitions_parts_within_whole CHECK (
        conflicts BETWEEN 0 AND delivered AND skewed BETWEEN 0 AND accepted
      ),
      CONSTRAINT partitions_sealed_is_complete CHECK (
        state <> 'sealed' OR (
          sealed_at IS NOT NULL
          AND (delivered = 0 OR manifest_path IS NOT NULL)
          AND (manifest_path IS NULL) = (manifest_sha256 IS NULL)
        )
      )
    );
    COMMENT ON COLUMN partitions.superseded_at IS
      'When a later revision of the bucket was sealed; readers see the one without.';
    CREATE INDEX partitions_sealing_idx
      ON partitions (event_type, bucket_start) WHERE state = 'sealing';

    CREATE TABLE partition_files (
      partition_id bigint NOT NULL REFERENCES partitions,
      name text NOT NULL,
      rows bigint NOT NULL CHECK (rows >= 0),
      bytes bigint NOT NULL CHECK (bytes >= 0),
      sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      PRIMARY KEY (partition_id, name)
    );

    CREATE TABLE staged_batches (
      gateway text NOT NULL,
      epoch text NOT NULL,
      event_type text NOT NULL,
      schema_version integer NOT NULL,
      bucket_start timestamptz NOT NULL,
      bucket_seconds integer NOT NULL CHECK (bucket_seconds > 0),
      batch integer NOT NULL CHECK (batch > 0),
      events integer NOT NULL CHECK (events >= 0),
      bytes bigint NOT NULL CHECK (bytes >= 0),
      staged_file text NOT NULL,
      offset_bytes bigint NOT NULL CHECK (offset_bytes >= 0),
      length_bytes bigint NOT NULL CHECK (length_bytes > 0),
      published_at timestamptz NOT NULL,
      message_id text NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT now(),
      landing_start timestamptz NOT NULL,
      landing_seconds integer NOT NULL CHECK (landing_seconds > 0),
      partition_id bigint REFERENCES partitions,
      consumed_at timestamptz,
      PRIMARY KEY (event_type, bucket_start, gateway, epoch, batch),
      CONSTRAINT staged_batches_consumed_by_a_partition CHECK (
        consumed_at IS NULL OR partition_id IS NOT NULL
      ),
      CONSTRAINT staged_batches_never_land_early CHECK (
        landing_start >= bucket_start
      )
    );
    COMMENT ON COLUMN staged_batches.landing_start IS
      'The bucket whose partition will hold the batch: its receive bucket, or a later one when that was already sealing (skew).';
    CREATE INDEX staged_batches_in_flight_idx
      ON staged_batches (event_type, landing_start)
      INCLUDE (landing_seconds, events) WHERE consumed_at IS NULL;
    CREATE INDEX staged_batches_partition_idx ON staged_batches (partition_id);
    CREATE INDEX staged_batches_file_idx ON staged_batches (staged_file);
    CREATE INDEX staged_batches_published_idx
      ON staged_batches (event_type, published_at);
    CREATE INDEX staged_batches_consumed_idx
      ON staged_batches (consumed_at) WHERE consumed_at IS NOT NULL;

    CREATE TABLE event_ids (
      event_type text COLLATE "C" NOT NULL,
      event_key uuid NOT NULL,
      content_hash uuid NOT NULL,
      sealed_at timestamptz NOT NULL,
      PRIMARY KEY (event_type, event_key, content_hash)
    );
    -- Rows arrive in the order of sealed_at, so a block-range index finds the
    -- old end for pruning at next to no cost per insert.
    CREATE INDEX event_ids_sealed_at_idx ON event_ids USING brin (sealed_at);
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE event_ids;
    DROP TABLE staged_batches;
    DROP TABLE partition_files;
    DROP TABLE partitions;
  `);
};
