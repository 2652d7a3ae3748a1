// @ts-check

/*
 * The conditions of event types, as they are and since when. They are told from
 * facts that come and go; since when something holds is known only to who has
 * been watching, so it is kept.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE event_type_conditions (
      event_type text NOT NULL,
      condition text NOT NULL,
      status boolean NOT NULL,
      reason text NOT NULL,
      message text NOT NULL,
      last_transition_at timestamptz NOT NULL,
      reason_since timestamptz NOT NULL,
      PRIMARY KEY (event_type, condition)
    );
    COMMENT ON COLUMN event_type_conditions.last_transition_at IS
      'When the status last changed. For a milestone, when it was reached.';
    COMMENT ON COLUMN event_type_conditions.reason_since IS
      'Since when the status has this reason.';

    CREATE TABLE drift_repairs (
      repair_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      event_type text,
      kind text NOT NULL CHECK (kind IN ('topic', 'subscription')),
      name text NOT NULL,
      drift text NOT NULL CHECK (drift IN ('deleted', 'changed')),
      message text NOT NULL,
      found_at timestamptz NOT NULL DEFAULT now(),
      repaired_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX drift_repairs_type_idx
      ON drift_repairs (event_type, repaired_at DESC);
    CREATE INDEX drift_repairs_at_idx ON drift_repairs (repaired_at DESC);
    COMMENT ON TABLE drift_repairs IS
      'What somebody changed at the broker behind our back, and that it was put back.';

    CREATE TABLE broker_orphans (
      kind text NOT NULL CHECK (kind IN ('topic', 'subscription')),
      name text NOT NULL,
      first_seen_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (kind, name)
    );
    COMMENT ON TABLE broker_orphans IS
      'What carries our mark at the broker and belongs to no event type, since when it has been seen without a break.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE broker_orphans;
    DROP TABLE drift_repairs;
    DROP TABLE event_type_conditions;
  `);
};
