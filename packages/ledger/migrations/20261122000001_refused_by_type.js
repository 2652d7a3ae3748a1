// @ts-check

/*
 * Refused events come on a topic of their own event type, are found by what is
 * wrong with them, and are forgotten after a while.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    -- Batches of refused events are numbered per topic, so a number says
    -- nothing without the subscription it came by.
    ALTER TABLE refused_batches
      ADD COLUMN subscription text NOT NULL DEFAULT 'refused-events.delivery';
    ALTER TABLE refused_batches DROP CONSTRAINT refused_batches_pkey;
    ALTER TABLE refused_batches
      ADD PRIMARY KEY (subscription, gateway, epoch, batch);
    ALTER TABLE refused_batches ALTER COLUMN subscription DROP DEFAULT;
    CREATE INDEX refused_batches_recorded_idx ON refused_batches (recorded_at);

    ALTER TABLE refused_events
      ADD COLUMN field text GENERATED ALWAYS AS (
        left(regexp_replace(pointer, '/[0-9]+(\\?=/|$)', '/*', 'g'), 255)
      ) STORED,
      ADD COLUMN truncated boolean NOT NULL DEFAULT false,
      ADD COLUMN replay_state text NOT NULL DEFAULT 'none' CHECK (
        replay_state IN ('none', 'replaying', 'replayed', 'refused-again')
      ),
      ADD COLUMN replay_id uuid;
    COMMENT ON COLUMN refused_events.field IS
      'The pointer with * for list indexes, cut: what refusals of one mistake share.';

    -- Lists of one group, and its counts, without reading the events.
    CREATE INDEX refused_events_group_idx ON refused_events
      (event_type, reason, field, received_at DESC, refusal_id DESC)
      INCLUDE (write_key_id, seen_count, last_received_at, replay_state);
    -- Ids are as long as their sender likes; a hash index takes any length.
    CREATE INDEX refused_events_event_id_idx
      ON refused_events USING hash (event_id);
    CREATE INDEX refused_events_write_key_idx ON refused_events
      (write_key_id, received_at DESC, refusal_id DESC);
    CREATE INDEX refused_events_last_received_idx
      ON refused_events (last_received_at);

    CREATE TABLE retention_marks (
      name text PRIMARY KEY,
      cutoff timestamptz NOT NULL,
      moved_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE retention_marks IS
      'Up to where a kind of rows was pruned. It moves only as fast as time was lived through, so a clock that jumps ahead deletes nothing at once.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE retention_marks;
    DROP INDEX refused_events_last_received_idx;
    DROP INDEX refused_events_write_key_idx;
    DROP INDEX refused_events_event_id_idx;
    DROP INDEX refused_events_group_idx;
    ALTER TABLE refused_events
      DROP COLUMN replay_id,
      DROP COLUMN replay_state,
      DROP COLUMN truncated,
      DROP COLUMN field;
    DROP INDEX refused_batches_recorded_idx;
    -- Numbers of several topics would meet: those of the general one stay.
    DELETE FROM refused_batches
      WHERE subscription <> 'refused-events.delivery';
    ALTER TABLE refused_batches DROP CONSTRAINT refused_batches_pkey;
    ALTER TABLE refused_batches DROP COLUMN subscription;
    ALTER TABLE refused_batches ADD PRIMARY KEY (gateway, epoch, batch);
  `);
};
