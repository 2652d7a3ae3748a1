// @ts-check

/*
 * The history of rollouts: what each generation of the config changed, who had
 * asked for it, and since when every part runs it. Snapshots themselves are kept
 * elsewhere; this may be forgotten.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE rollouts (
      generation integer PRIMARY KEY,
      published_at timestamptz NOT NULL,
      event_types integer NOT NULL,
      write_keys integer NOT NULL,
      changes jsonb NOT NULL,
      change_count integer NOT NULL CHECK (change_count >= 0),
      everywhere_at timestamptz
    );
    COMMENT ON COLUMN rollouts.changes IS
      'The first of them: what changed in words, of which event type, and who had asked for it.';
    COMMENT ON COLUMN rollouts.everywhere_at IS
      'When every part that was alive was first seen running it, or a later one.';
    CREATE INDEX rollouts_underway_idx ON rollouts (generation)
      WHERE everywhere_at IS NULL;

    CREATE TABLE component_rollouts (
      kind text NOT NULL CHECK (kind IN ('gateway', 'worker')),
      name text NOT NULL,
      life text NOT NULL,
      generation integer NOT NULL,
      since timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (kind, name, life, generation)
    );
    COMMENT ON TABLE component_rollouts IS
      'Which life of a part was first heard of running which generation, and when. Its newest is what it runs.';
    CREATE INDEX component_rollouts_since_idx ON component_rollouts (since);

    CREATE FUNCTION note_gateway_generation() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO component_rollouts (kind, name, life, generation)
      VALUES ('gateway', NEW.gateway, NEW.epoch, NEW.generation)
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$;
    CREATE TRIGGER gateways_generation_begun AFTER INSERT ON gateways
      FOR EACH ROW WHEN (NEW.generation IS NOT NULL)
      EXECUTE FUNCTION note_gateway_generation();
    CREATE TRIGGER gateways_generation_changed AFTER UPDATE ON gateways
      FOR EACH ROW WHEN (NEW.generation IS DISTINCT FROM OLD.generation
        AND NEW.generation IS NOT NULL)
      EXECUTE FUNCTION note_gateway_generation();

    CREATE FUNCTION note_worker_generation() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO component_rollouts (kind, name, life, generation)
      VALUES ('worker', NEW.worker, to_char(NEW.started_at AT TIME ZONE 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW.generation)
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$;
    CREATE TRIGGER workers_generation_begun AFTER INSERT ON workers
      FOR EACH ROW WHEN (NEW.generation IS NOT NULL)
      EXECUTE FUNCTION note_worker_generation();
    CREATE TRIGGER workers_generation_changed AFTER UPDATE ON workers
      FOR EACH ROW WHEN (NEW.generation IS NOT NULL AND (
        NEW.generation IS DISTINCT FROM OLD.generation
        OR NEW.started_at IS DISTINCT FROM OLD.started_at))
      EXECUTE FUNCTION note_worker_generation();

    INSERT INTO component_rollouts (kind, name, life, generation, since)
    SELECT 'gateway', gateway, epoch, generation, heartbeat_at
    FROM gateways WHERE generation IS NOT NULL AND ended_at IS NULL
    ON CONFLICT DO NOTHING;
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TRIGGER workers_generation_changed ON workers;
    DROP TRIGGER workers_generation_begun ON workers;
    DROP TRIGGER gateways_generation_changed ON gateways;
    DROP TRIGGER gateways_generation_begun ON gateways;
    DROP FUNCTION note_worker_generation();
    DROP FUNCTION note_gateway_generation();
    DROP TABLE component_rollouts;
    DROP TABLE rollouts;
  `);
};
