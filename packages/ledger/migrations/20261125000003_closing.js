// @ts-check

/*
 * Buckets that are over and may not be closed yet, with the decision that says
 * why, and those that somebody closed all the same.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE waiting_buckets (
      event_type text NOT NULL,
      bucket_start timestamptz NOT NULL,
      bucket_seconds integer NOT NULL CHECK (bucket_seconds > 0),
      decision jsonb NOT NULL,
      worker text NOT NULL,
      waiting_since timestamptz NOT NULL DEFAULT now(),
      decided_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (event_type, bucket_start)
    );
    COMMENT ON TABLE waiting_buckets IS
      'The last word of a sealer on each bucket that is due and not closed. Rows of sealed buckets are removed later and mean nothing.';

    CREATE TABLE forced_closings (
      event_type text NOT NULL,
      bucket_start timestamptz NOT NULL,
      reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
      requested_by text NOT NULL,
      requested_at timestamptz NOT NULL DEFAULT now(),
      missing jsonb NOT NULL,
      PRIMARY KEY (event_type, bucket_start)
    );
    COMMENT ON COLUMN forced_closings.missing IS
      'What was missing when it was decided; what the sealer found is in the decision of the partition.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE forced_closings;
    DROP TABLE waiting_buckets;
  `);
};
