// @ts-check

/*
 * What a write key is for, how long it lasts and who uses it; and what lets a
 * reader of config snapshots tell a whole one from a damaged one, and a newer
 * one from one of a ledger that was restored.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    ALTER TABLE write_keys
      ADD COLUMN producer text
        CHECK (producer ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$'),
      ADD COLUMN owner text,
      ADD COLUMN kind text NOT NULL DEFAULT 'server'
        CHECK (kind IN ('server', 'browser')),
      ADD COLUMN events_per_second integer CHECK (events_per_second > 0),
      ADD COLUMN expires_at timestamptz,
      ADD COLUMN replaces text REFERENCES write_keys,
      ADD CONSTRAINT write_keys_public_ones_are_scoped CHECK (
        kind <> 'browser' OR coalesce(cardinality(event_types), 0) > 0
      );
    UPDATE write_keys SET owner = created_by;
    ALTER TABLE write_keys ALTER COLUMN owner SET NOT NULL;
    COMMENT ON COLUMN write_keys.owner IS
      'Entity reference of who answers for the key. A producer of one owner has at most two live keys.';
    CREATE INDEX write_keys_producer_idx
      ON write_keys (producer, owner) WHERE revoked_at IS NULL;

    CREATE TABLE write_key_uses (
      key_id text NOT NULL REFERENCES write_keys,
      gateway text NOT NULL,
      epoch text NOT NULL,
      requests bigint NOT NULL CHECK (requests >= 0),
      events bigint NOT NULL CHECK (events >= 0),
      refused_requests bigint NOT NULL CHECK (refused_requests >= 0),
      earlier_requests bigint NOT NULL DEFAULT 0,
      earlier_events bigint NOT NULL DEFAULT 0,
      earlier_refused_requests bigint NOT NULL DEFAULT 0,
      last_used_at timestamptz NOT NULL,
      PRIMARY KEY (key_id, gateway)
    );
    COMMENT ON TABLE write_key_uses IS
      'What each gateway has seen of each write key: counts of its present life, and the sum of its earlier ones.';
    CREATE INDEX write_key_uses_last_used_idx ON write_key_uses (last_used_at);

    CREATE TABLE ledger_lineage (
      lineage uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      began_at timestamptz NOT NULL DEFAULT now(),
      reason text NOT NULL CHECK (reason IN ('created', 'restored'))
    );
    COMMENT ON TABLE ledger_lineage IS
      'The newest row names the history this ledger continues. A ledger restored from a backup begins a new one, since others have seen a future it does not know.';
    INSERT INTO ledger_lineage (reason) VALUES ('created');

    ALTER TABLE config_snapshots
      ADD COLUMN lineage uuid,
      ADD COLUMN event_type_count integer,
      ADD COLUMN write_key_count integer;
    COMMENT ON COLUMN config_snapshots.content_hash IS
      'SHA-256 of the content as canonical JSON. Readers check it wherever the counts beside it are set.';

    ALTER TABLE gateways
      ADD COLUMN snapshot_checked_at timestamptz;
    COMMENT ON COLUMN gateways.snapshot_checked_at IS
      'When the gateway last found, by its own clock, that no newer snapshot than its own existed.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    ALTER TABLE gateways DROP COLUMN snapshot_checked_at;
    ALTER TABLE config_snapshots
      DROP COLUMN lineage,
      DROP COLUMN event_type_count,
      DROP COLUMN write_key_count;
    DROP TABLE ledger_lineage;
    DROP TABLE write_key_uses;
    ALTER TABLE write_keys
      DROP CONSTRAINT write_keys_public_ones_are_scoped,
      DROP COLUMN producer,
      DROP COLUMN owner,
      DROP COLUMN kind,
      DROP COLUMN events_per_second,
      DROP COLUMN expires_at,
      DROP COLUMN replaces;
  `);
};
