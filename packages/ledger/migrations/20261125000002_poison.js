// @ts-check

/*
 * Poison, with the attempts it took to find out, and a way to try again.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE message_attempts (
      subscription text NOT NULL,
      message_id text NOT NULL,
      attempts integer NOT NULL CHECK (attempts > 0),
      worker text NOT NULL,
      first_at timestamptz NOT NULL DEFAULT now(),
      last_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (subscription, message_id)
    );
    COMMENT ON TABLE message_attempts IS
      'Messages that were in hand when a consumer died, or that the ledger refused: noted before each attempt, so that a crash cannot erase its own trace, and forgotten when one succeeds.';
    CREATE INDEX message_attempts_last_at_idx ON message_attempts (last_at);

    ALTER TABLE poison_batches
      ADD COLUMN poison_id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
      ADD COLUMN subscription_type text,
      ADD COLUMN attempts integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
      ADD COLUMN retry_requested_at timestamptz,
      ADD COLUMN retry_requested_by text,
      ADD COLUMN resolved_at timestamptz;
    UPDATE poison_batches
      SET subscription_type =
        substring(subscription from '^(?:event|refused)[.](.*)[.]delivery$');
    COMMENT ON COLUMN poison_batches.subscription_type IS
      'The event type whose subscription it came on, whatever it says of itself; none for refused events of unknown types.';
    COMMENT ON COLUMN poison_batches.resolved_at IS
      'When another attempt succeeded.';
    CREATE INDEX poison_batches_type_idx
      ON poison_batches (subscription_type, recorded_at DESC, poison_id);
    CREATE INDEX poison_batches_retry_idx ON poison_batches (subscription_type)
      WHERE retry_requested_at IS NOT NULL;
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP INDEX poison_batches_retry_idx;
    DROP INDEX poison_batches_type_idx;
    ALTER TABLE poison_batches
      DROP COLUMN poison_id,
      DROP COLUMN subscription_type,
      DROP COLUMN attempts,
      DROP COLUMN retry_requested_at,
      DROP COLUMN retry_requested_by,
      DROP COLUMN resolved_at;
    DROP TABLE message_attempts;
  `);
};
