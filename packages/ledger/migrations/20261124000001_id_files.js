// @ts-check

/*
 * The ids of the horizon leave the ledger: each partition has an id file beside
 * its data, and the ledger knows which of these files count. A partition that
 * is about to be published is marked, so that no other one of its type can be
 * until it is sealed.
 *
 * Ids that are in `event_ids` already go on being looked up there until they
 * are beyond the horizon. Nothing is added to it any more: the constraint stops
 * a worker of an earlier release, which would not look into the files, from
 * sealing beside those that do.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    ALTER TABLE event_ids
      ADD CONSTRAINT event_ids_are_in_files_now CHECK (false) NOT VALID;

    CREATE TABLE id_files (
      id_file_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      event_type text NOT NULL,
      level integer NOT NULL CHECK (level >= 0),
      partition_id bigint UNIQUE REFERENCES partitions,
      path text NOT NULL UNIQUE,
      rows bigint NOT NULL CHECK (rows > 0),
      bytes bigint NOT NULL CHECK (bytes > 0),
      sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      sealed_from timestamptz NOT NULL,
      sealed_to timestamptz NOT NULL,
      retired_at timestamptz,
      CONSTRAINT id_files_of_a_partition CHECK (
        (level = 0) = (partition_id IS NOT NULL)
      ),
      CONSTRAINT id_files_span CHECK (sealed_from <= sealed_to)
    );
    COMMENT ON TABLE id_files IS
      'Files with the ids of delivered events. Level 0 is the file of one partition; a merged file is one level above its sources.';
    COMMENT ON COLUMN id_files.retired_at IS
      'When it stopped to count: replaced by a merged file, or beyond the horizon. The file is removed some time after.';
    CREATE INDEX id_files_type_idx ON id_files (event_type, level, id_file_id);
    CREATE INDEX id_files_retired_idx ON id_files (retired_at)
      WHERE retired_at IS NOT NULL;

    ALTER TABLE partitions
      ADD COLUMN publishing_since timestamptz,
      ADD COLUMN staged_bytes bigint NOT NULL DEFAULT 0
        CHECK (staged_bytes >= 0),
      ADD COLUMN staged_removed_at timestamptz;
    COMMENT ON COLUMN partitions.publishing_since IS
      'From here on the lake may hold it, and until it is sealed its ids are in no file that counts.';
    COMMENT ON COLUMN partitions.staged_removed_at IS
      'When the staged files it was sealed from were removed.';
    CREATE UNIQUE INDEX partitions_publishing_idx ON partitions (event_type)
      WHERE state = 'sealing' AND publishing_since IS NOT NULL;
    -- The one of a type that an earlier release may have published: after it, it
    -- began no other.
    UPDATE partitions SET publishing_since = began_at
    WHERE partition_id IN (
      SELECT DISTINCT ON (event_type) partition_id FROM partitions
      WHERE state = 'sealing' ORDER BY event_type, began_at DESC);
    -- Until now they were removed right after sealing.
    UPDATE partitions SET staged_removed_at = now() WHERE state = 'sealed';
    CREATE INDEX partitions_staged_idx
      ON partitions (sealed_at, partition_id) INCLUDE (staged_bytes)
      WHERE state = 'sealed' AND staged_removed_at IS NULL;

    CREATE TABLE replay_landings (
      event_type text NOT NULL,
      event_key uuid NOT NULL,
      content_hash uuid NOT NULL,
      bucket_start timestamptz NOT NULL,
      landed_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (event_type, event_key, content_hash)
    );
    COMMENT ON TABLE replay_landings IS
      'Where events with the ids of replayed ones lie: found when a bucket with such an id is sealed, and written with its partition.';
    CREATE INDEX replay_landings_landed_at_idx ON replay_landings (landed_at);
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE replay_landings;
    DROP INDEX partitions_staged_idx;
    DROP INDEX partitions_publishing_idx;
    ALTER TABLE partitions
      DROP COLUMN publishing_since,
      DROP COLUMN staged_bytes,
      DROP COLUMN staged_removed_at;
    DROP TABLE id_files;
    ALTER TABLE event_ids DROP CONSTRAINT event_ids_are_in_files_now;
  `);
};
