// @ts-check

/*
 * What the control plane hands to the data plane: the config snapshots that
 * gateways and workers run, the write keys behind them, and one row per event
 * type with what delivery must remember about it.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE config_snapshots (
      generation integer PRIMARY KEY CHECK (generation > 0),
      content jsonb NOT NULL,
      content_hash text NOT NULL,
      bucket_seconds integer NOT NULL
        CHECK (bucket_seconds > 0 AND 3600 % bucket_seconds = 0),
      created_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE config_snapshots IS
      'Immutable generations of the configuration that gateways and workers run. A new one exists only when the content differs.';

    CREATE TABLE event_types (
      event_type text PRIMARY KEY,
      tier text NOT NULL CHECK (tier IN ('critical', 'normal', 'low')),
      provisioned_at timestamptz NOT NULL,
      removed_at timestamptz,
      closed_through timestamptz NOT NULL
    );
    COMMENT ON COLUMN event_types.provisioned_at IS
      'When the type first appeared in a snapshot; buckets that ended before owe no partition.';
    COMMENT ON COLUMN event_types.closed_through IS
      'Every bucket before this instant that owed a partition has one, so the search for buckets to close starts here.';

    CREATE TABLE write_keys (
      key_id text PRIMARY KEY,
      name text NOT NULL,
      secret_hash text NOT NULL CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
      event_types text[],
      created_at timestamptz NOT NULL DEFAULT now(),
      created_by text NOT NULL,
      revoked_at timestamptz
    );
    COMMENT ON COLUMN write_keys.secret_hash IS
      'SHA-256 of the secret part; the key itself is shown once and never stored.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE write_keys;
    DROP TABLE event_types;
    DROP TABLE config_snapshots;
  `);
};
