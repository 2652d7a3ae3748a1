// @ts-check

/*
 * Which worker takes batches of which event type. A worker that lives has one
 * row that it renews; a type has one row that changes only when the type passes
 * to another worker. So thousands of types cost no more renewals than one.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE consumers (
      session uuid PRIMARY KEY,
      worker text NOT NULL,
      joined_at timestamptz NOT NULL,
      lease_expires_at timestamptz NOT NULL
    );
    COMMENT ON TABLE consumers IS
      'One row per life of a consumer. Within its lease it holds every type whose row names its session.';

    CREATE TABLE consumption_leases (
      event_type text PRIMARY KEY,
      holder uuid,
      fencing_token bigint NOT NULL CHECK (fencing_token >= 0),
      claimed_at timestamptz,
      drained_at timestamptz
    );
    CREATE INDEX consumption_leases_holder_idx
      ON consumption_leases (holder) WHERE holder IS NOT NULL;
    COMMENT ON TABLE consumption_leases IS
      'Rows are never deleted: the fencing token of a type only grows. No holder: handed back in order. A holder that is not alive: it died with messages in hand.';
    COMMENT ON COLUMN consumption_leases.drained_at IS
      'When nothing was left on the subscription of a type that had left the config; it is not listened to until it comes back.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE consumption_leases;
    DROP TABLE consumers;
  `);
};
