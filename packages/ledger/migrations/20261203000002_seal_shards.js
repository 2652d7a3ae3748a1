// @ts-check

/*
 * The shards of a large bucket that is being sealed: any worker may take one.
 *
 * They belong to one attempt, that of a fencing token. The next attempt divides
 * the bucket anew and takes away what is left of the one before. Nothing here
 * outlives the sealing.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE seal_shards (
      partition_id bigint NOT NULL REFERENCES partitions ON DELETE CASCADE,
      fencing_token bigint NOT NULL,
      shard integer NOT NULL CHECK (shard >= 0),
      folder text NOT NULL,
      offered_by text NOT NULL,
      offered_at timestamptz NOT NULL DEFAULT now(),
      worker text,
      taken_until timestamptz,
      takes integer NOT NULL DEFAULT 0 CHECK (takes >= 0),
      result_sha256 text CHECK (result_sha256 ~ '^[0-9a-f]{64}$'),
      PRIMARY KEY (partition_id, fencing_token, shard),
      CONSTRAINT seal_shards_taken CHECK (
        (worker IS NULL) = (taken_until IS NULL)
      )
    );
    COMMENT ON COLUMN seal_shards.folder IS
      'Where in the staging folder the lines of the shard lie, and its result will.';
    COMMENT ON COLUMN seal_shards.takes IS
      'How often it was taken. Only the last to take it may say that it is done.';
    COMMENT ON COLUMN seal_shards.result_sha256 IS
      'Of the file that says what became of the shard. Set: it is done.';
    CREATE INDEX seal_shards_open_idx ON seal_shards (offered_at)
      WHERE result_sha256 IS NULL;
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw('DROP TABLE seal_shards');
};
