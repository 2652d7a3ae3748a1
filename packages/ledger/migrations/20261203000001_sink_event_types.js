// @ts-check

/*
 * A sink may be for some event types only. A revision of another one gets no
 * row for it.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    ALTER TABLE sinks ADD COLUMN event_types text[];
    COMMENT ON COLUMN sinks.event_types IS
      'The event types it is for, in order; NULL: all.';

    CREATE OR REPLACE FUNCTION enqueue_sink_loads() RETURNS trigger
      LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO sink_loads
        (sink, partition_id, event_type, bucket_start, revision)
      SELECT s.sink, NEW.partition_id, NEW.event_type, NEW.bucket_start,
        NEW.revision
      FROM sinks s WHERE s.seen_at > now() - interval '31 days'
        AND (s.event_types IS NULL OR NEW.event_type = ANY (s.event_types))
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$;
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    CREATE OR REPLACE FUNCTION enqueue_sink_loads() RETURNS trigger
      LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO sink_loads
        (sink, partition_id, event_type, bucket_start, revision)
      SELECT s.sink, NEW.partition_id, NEW.event_type, NEW.bucket_start,
        NEW.revision
      FROM sinks s WHERE s.seen_at > now() - interval '31 days'
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$;
    ALTER TABLE sinks DROP COLUMN event_types;
  `);
};
