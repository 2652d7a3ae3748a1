// @ts-check

/*
 * Taking down what delivers an event type that was withdrawn: how far it has
 * come, so that whoever goes on after a crash, and whoever looks, knows.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE removals (
      event_type text PRIMARY KEY,
      requested_by text NOT NULL,
      reason text NOT NULL,
      began_at timestamptz NOT NULL DEFAULT now(),
      generation integer,
      gateways_at timestamptz,
      draining_at timestamptz,
      sealing_at timestamptz,
      resources_at timestamptz,
      archiving_at timestamptz,
      waiting_code text,
      waiting_message text,
      waiting_since timestamptz,
      CONSTRAINT removals_waiting CHECK (
        num_nulls(waiting_code, waiting_message, waiting_since) IN (0, 3)
      ),
      CONSTRAINT removals_steps_in_order CHECK (
        (gateways_at IS NULL OR generation IS NOT NULL)
        AND (draining_at IS NULL OR gateways_at IS NOT NULL)
        AND (sealing_at IS NULL OR draining_at IS NOT NULL)
        AND (resources_at IS NULL OR sealing_at IS NOT NULL)
        AND (archiving_at IS NULL OR resources_at IS NOT NULL)
      )
    );
    COMMENT ON TABLE removals IS
      'One row per event type that is or was taken down. Rows are never deleted: a name is not given out twice.';
    COMMENT ON COLUMN removals.generation IS
      'The first config snapshot that does not have the type, as far as the one who took it out knows.';
    COMMENT ON COLUMN removals.resources_at IS
      'When each step was finished. Topics and subscriptions are deleted only once sealing_at is set.';
    CREATE INDEX removals_open_idx ON removals (event_type)
      WHERE archiving_at IS NULL;

    ALTER TABLE event_types
      ADD COLUMN resources_marked boolean NOT NULL DEFAULT false;
    ALTER TABLE event_types ALTER COLUMN resources_marked SET DEFAULT true;
    COMMENT ON COLUMN event_types.resources_marked IS
      'False for types from before there were marks, until their topics and subscriptions have got one. Others get it as they are made.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    ALTER TABLE event_types DROP COLUMN resources_marked;
    DROP TABLE removals;
  `);
};
