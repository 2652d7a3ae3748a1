// @ts-check

/*
 * Sinks: where sealed revisions are loaded to beside the lake, such as BigQuery.
 *
 * Each revision has one row per sink that says how far it has come. A trigger
 * makes it in the transaction that seals the partition, so that none is missed,
 * whoever seals it; sealing itself knows nothing of sinks. A sink that nobody has
 * run for 31 days collects no more rows.
 *
 * No foreign key to partitions: a load outlives the partition it was made from.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE sinks (
      sink text PRIMARY KEY,
      seen_at timestamptz NOT NULL,
      caught_up_at timestamptz
    );
    COMMENT ON COLUMN sinks.caught_up_at IS
      'When the partitions sealed before the sink was known had got their rows.';

    CREATE TABLE sink_loads (
      sink text NOT NULL REFERENCES sinks ON DELETE CASCADE,
      partition_id bigint NOT NULL,
      event_type text NOT NULL,
      bucket_start timestamptz NOT NULL,
      revision integer NOT NULL,
      state text NOT NULL DEFAULT 'pending' CHECK (state IN
        ('pending', 'loading', 'loaded', 'failed', 'superseded')),
      attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
      failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
      next_look_at timestamptz NOT NULL DEFAULT now(),
      reason text,
      message text,
      rows bigint,
      loaded_at timestamptz,
      PRIMARY KEY (sink, partition_id),
      CONSTRAINT sink_loads_loaded_is_counted CHECK (
        state <> 'loaded' OR (rows IS NOT NULL AND loaded_at IS NOT NULL)
      ),
      CONSTRAINT sink_loads_failed_says_why CHECK (
        state <> 'failed' OR (reason IS NOT NULL AND message IS NOT NULL)
      )
    );
    COMMENT ON COLUMN sink_loads.attempt IS
      'Counts the jobs begun. The id of a job is made of it, so that a job is begun once.';
    CREATE INDEX sink_loads_open_idx
      ON sink_loads (sink, event_type, bucket_start, revision)
      WHERE state IN ('pending', 'loading', 'failed');

    CREATE FUNCTION enqueue_sink_loads() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO sink_loads
        (sink, partition_id, event_type, bucket_start, revision)
      SELECT s.sink, NEW.partition_id, NEW.event_type, NEW.bucket_start,
        NEW.revision
      FROM sinks s WHERE s.seen_at > now() - interval '31 days'
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$;
    CREATE TRIGGER partitions_enqueue_sink_loads
      AFTER INSERT OR UPDATE OF state ON partitions
      FOR EACH ROW WHEN (NEW.state = 'sealed')
      EXECUTE FUNCTION enqueue_sink_loads();
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TRIGGER partitions_enqueue_sink_loads ON partitions;
    DROP FUNCTION enqueue_sink_loads();
    DROP TABLE sink_loads;
    DROP TABLE sinks;
  `);
};
