// @ts-check

/*
 * Refused events on their way back. A replay freezes its selection when it is
 * created; each of its events has one row that says how far it has come. The
 * rows hold no content of events: that stays with the refused events.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE replays (
      replay_id uuid PRIMARY KEY,
      event_type text NOT NULL,
      state text NOT NULL
        CHECK (state IN ('waiting', 'running', 'sent', 'proven', 'failed')),
      reason text NOT NULL,
      selection jsonb NOT NULL,
      fix jsonb NOT NULL,
      requested_by text NOT NULL,
      requested_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz,
      message text,
      CONSTRAINT replays_finished CHECK (
        (state IN ('waiting', 'running')) = (finished_at IS NULL)
      )
    );
    CREATE INDEX replays_type_idx ON replays (event_type, requested_at DESC);
    CREATE INDEX replays_open_idx ON replays (requested_at)
      WHERE state IN ('waiting', 'running');
    CREATE INDEX replays_unproven_idx ON replays (requested_at)
      WHERE state = 'sent';

    CREATE TABLE replay_write_keys (
      key_id text PRIMARY KEY,
      replay_id uuid NOT NULL REFERENCES replays ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT now(),
      revoked_at timestamptz
    );
    COMMENT ON TABLE replay_write_keys IS
      'The write keys a replay has sent with: one per runner that worked on it. Whoever takes over revokes those of its predecessor.';
    CREATE INDEX replay_write_keys_replay_idx ON replay_write_keys (replay_id);

    CREATE TABLE replay_events (
      replay_id uuid NOT NULL REFERENCES replays ON DELETE CASCADE,
      position integer NOT NULL CHECK (position > 0),
      refusal_id uuid NOT NULL,
      state text NOT NULL CHECK (state IN
        ('waiting', 'sending', 'accepted', 'refused', 'not-replayable', 'not-sent')),
      event_type text,
      event_id text,
      event_key uuid,
      id_minted boolean NOT NULL DEFAULT false,
      sent_at timestamptz,
      receipt text,
      refusal_reason text,
      refusal_pointer text,
      refusal_message text,
      not_replayable text,
      partition_id bigint REFERENCES partitions,
      copies integer NOT NULL DEFAULT 0 CHECK (copies >= 0),
      PRIMARY KEY (replay_id, position),
      UNIQUE (replay_id, refusal_id),
      CONSTRAINT replay_events_sent_are_known CHECK (
        state NOT IN ('sending', 'accepted', 'refused')
        OR (event_type IS NOT NULL AND sent_at IS NOT NULL)
      )
    );
    COMMENT ON COLUMN replay_events.event_key IS
      'md5 of source and id, as sealing computes it: the event is found by it in event_ids.';
    COMMENT ON COLUMN replay_events.event_id IS
      'Recorded before the event is sent the first time, so that each further try carries the same.';
    CREATE INDEX replay_events_refusal_idx ON replay_events (refusal_id);
    -- Of events with one source and id, one is brought back, whoever sends it.
    CREATE UNIQUE INDEX replay_events_one_of_an_id_idx
      ON replay_events (event_type, event_key)
      WHERE state IN ('sending', 'accepted');

    -- From the ids of a sealing to its partition: they share the instant.
    CREATE INDEX partitions_sealed_at_idx ON partitions (event_type, sealed_at);
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP INDEX partitions_sealed_at_idx;
    DROP TABLE replay_events;
    DROP TABLE replay_write_keys;
    DROP TABLE replays;
  `);
};
