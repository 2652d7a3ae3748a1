// @ts-check

/*
 * Events that people send from the portal to try an event type out. A row says
 * how far one has come; it holds no content. And when an event type received its
 * first event, kept when the batch that says so is forgotten.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE test_events (
      test_event_id uuid PRIMARY KEY,
      event_type text NOT NULL,
      source text NOT NULL,
      event_key uuid NOT NULL,
      state text NOT NULL
        CHECK (state IN ('sending', 'accepted', 'refused', 'unanswered')),
      requested_by text NOT NULL,
      requested_at timestamptz NOT NULL DEFAULT now(),
      key_id text NOT NULL REFERENCES write_keys,
      gateway text,
      epoch text,
      sent_at timestamptz,
      answered_at timestamptz,
      receipt text,
      refusal_reason text,
      refusal_pointer text,
      message text,
      CONSTRAINT test_events_answered CHECK (
        state NOT IN ('accepted', 'refused')
        OR (sent_at IS NOT NULL AND answered_at IS NOT NULL)
      )
    );
    COMMENT ON TABLE test_events IS
      'One event each, with the same id, sent through a gateway under a write key of its own.';
    COMMENT ON COLUMN test_events.event_key IS
      'md5 of source and id, as sealing computes it: sealing notes where the event landed by it. Recorded before the event is sent.';
    CREATE INDEX test_events_type_idx
      ON test_events (event_type, requested_at DESC);

    CREATE TABLE first_receptions (
      event_type text PRIMARY KEY,
      received_at timestamptz NOT NULL
    );
    COMMENT ON TABLE first_receptions IS
      'The publish time of the first batch of an event type, of batches that are forgotten.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE first_receptions;
    DROP TABLE test_events;
  `);
};
