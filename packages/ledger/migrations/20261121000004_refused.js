// @ts-check

/*
 * What was not delivered and is kept all the same: events that were refused,
 * and broker messages that could not be read as batches.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE refused_events (
      refusal_id uuid PRIMARY KEY,
      stage text NOT NULL CHECK (stage IN ('gateway', 'sealing')),
      event_type text CHECK (length(event_type) <= 255),
      event_id text,
      source text,
      reason text NOT NULL CHECK (length(reason) <= 255),
      pointer text,
      message text NOT NULL,
      received_at timestamptz NOT NULL,
      last_received_at timestamptz NOT NULL,
      seen_count integer NOT NULL CHECK (seen_count > 0),
      write_key_id text,
      event text NOT NULL,
      partition_id bigint REFERENCES partitions,
      recorded_at timestamptz NOT NULL DEFAULT now(),
      CHECK (stage <> 'sealing' OR partition_id IS NOT NULL)
    );
    CREATE INDEX refused_events_type_idx
      ON refused_events (event_type, received_at DESC, refusal_id DESC);
    CREATE INDEX refused_events_received_idx
      ON refused_events (received_at DESC, refusal_id DESC);

    CREATE TABLE refused_batches (
      gateway text NOT NULL,
      epoch text NOT NULL,
      batch integer NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (gateway, epoch, batch)
    );
    COMMENT ON TABLE refused_batches IS
      'Which batches of the refused topic have been recorded, so that a redelivered one does not count its events again.';

    CREATE TABLE poison_batches (
      subscription text NOT NULL,
      message_id text NOT NULL,
      reason text NOT NULL,
      message text NOT NULL,
      attributes jsonb NOT NULL,
      data bytea NOT NULL,
      published_at timestamptz NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT now(),
      seen_count integer NOT NULL DEFAULT 1,
      gateway text,
      epoch text,
      event_type text,
      bucket_start timestamptz,
      batch integer,
      PRIMARY KEY (subscription, message_id)
    );
    COMMENT ON COLUMN poison_batches.batch IS
      'Which batch it is, where its header could be read: a bucket does not wait for a batch that is kept here.';
    CREATE INDEX poison_batches_batch_idx
      ON poison_batches (event_type, bucket_start, gateway, epoch, batch);
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE poison_batches;
    DROP TABLE refused_batches;
    DROP TABLE refused_events;
  `);
};
