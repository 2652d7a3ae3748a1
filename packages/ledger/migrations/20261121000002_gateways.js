// @ts-check

/*
 * Who is running: gateways with the leases and declarations that make closing
 * a bucket exact, workers, and the fenced leases by which workers divide work.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE gateways (
      gateway text NOT NULL,
      epoch text NOT NULL,
      started_at timestamptz NOT NULL,
      heartbeat_at timestamptz NOT NULL,
      lease_expires_at timestamptz NOT NULL,
      ended_at timestamptz,
      generation integer,
      url text NOT NULL,
      pid integer NOT NULL,
      PRIMARY KEY (gateway, epoch)
    );
    COMMENT ON TABLE gateways IS
      'One row per life of a gateway. It was alive from started_at to ended_at or, when it never said goodbye, to lease_expires_at.';
    CREATE INDEX gateways_alive_until_idx
      ON gateways ((coalesce(ended_at, lease_expires_at)));
    CREATE INDEX gateways_heartbeat_at_idx ON gateways (heartbeat_at);

    CREATE TABLE gateway_buckets (
      gateway text NOT NULL,
      epoch text NOT NULL,
      bucket_start timestamptz NOT NULL,
      bucket_seconds integer NOT NULL CHECK (bucket_seconds > 0),
      declared_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (bucket_start, gateway, epoch)
    );
    COMMENT ON TABLE gateway_buckets IS
      'A gateway says: for this bucket I have published all I ever will. Without counts it says: I was alive and sent nothing.';

    CREATE TABLE gateway_bucket_counts (
      gateway text NOT NULL,
      epoch text NOT NULL,
      bucket_start timestamptz NOT NULL,
      event_type text NOT NULL,
      last_batch integer NOT NULL CHECK (last_batch BETWEEN 0 AND 10000000),
      abandoned_batches integer[] NOT NULL DEFAULT '{}',
      events bigint NOT NULL CHECK (events >= 0),
      PRIMARY KEY (event_type, bucket_start, gateway, epoch),
      FOREIGN KEY (bucket_start, gateway, epoch)
        REFERENCES gateway_buckets (bucket_start, gateway, epoch)
        ON DELETE CASCADE
    );
    CREATE INDEX gateway_bucket_counts_declaration_idx
      ON gateway_bucket_counts (bucket_start, gateway, epoch);
    COMMENT ON COLUMN gateway_bucket_counts.abandoned_batches IS
      'Batch numbers published without the broker''s confirmation: they may or may not arrive.';

    CREATE TABLE workers (
      worker text PRIMARY KEY,
      started_at timestamptz NOT NULL,
      heartbeat_at timestamptz NOT NULL,
      generation integer,
      pid integer NOT NULL
    );

    CREATE TABLE leases (
      resource text PRIMARY KEY,
      holder text NOT NULL,
      fencing_token bigint NOT NULL CHECK (fencing_token > 0),
      expires_at timestamptz NOT NULL
    );
    COMMENT ON TABLE leases IS
      'Rows are never deleted: the fencing token of a resource only grows, so a holder that slept through its lease is told apart for ever.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE leases;
    DROP TABLE workers;
    DROP TABLE gateway_bucket_counts;
    DROP TABLE gateway_buckets;
    DROP TABLE gateways;
  `);
};
