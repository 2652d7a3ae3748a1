// @ts-check

/*
 * Revisions: sealed partitions that are made again (ADR 0030).
 *
 * An operation is what a person asks for; it changes one or more partitions, and
 * all its new revisions become the live ones in one transaction. A revision that
 * is being made has its row in `partitions`, in state `sealing`, like a first one,
 * and names its operation.
 *
 * Every partition gets its place in the order of commits. `commit_order` is given
 * inside the transaction that seals, and is exact within an event type, whose
 * commits come one after the other. `commit_seq` is given afterwards, to what is
 * committed and visible, so that a reader who goes by it can never pass one by
 * (`listSealedSince`).
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE revision_operations (
      operation_id uuid PRIMARY KEY,
      event_type text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('redeliver', 'reshuffle', 'reseal')),
      state text NOT NULL CHECK (state IN ('previewing', 'previewed', 'running',
        'done', 'failed', 'cancelled', 'expired')),
      buckets timestamptz[] NOT NULL CHECK (cardinality(buckets) > 0),
      requested_by text NOT NULL,
      requested_at timestamptz NOT NULL,
      previewed_at timestamptz,
      approved_by text,
      approved_at timestamptz,
      reason text CHECK (length(reason) BETWEEN 1 AND 1000),
      step text,
      done integer,
      total integer,
      attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
      retry_at timestamptz,
      problem_code text,
      problem_message text,
      begun_at timestamptz,
      prepared_at timestamptz,
      swept_at timestamptz,
      finished_at timestamptz,
      CONSTRAINT revision_operations_finished CHECK (
        (state IN ('previewing', 'previewed', 'running'))
          = (finished_at IS NULL)
      ),
      CONSTRAINT revision_operations_decided CHECK (
        state NOT IN ('running', 'done') OR (approved_by IS NOT NULL
          AND approved_at IS NOT NULL AND reason IS NOT NULL)
      ),
      CONSTRAINT revision_operations_failed_says_why CHECK (
        state <> 'failed'
          OR (problem_code IS NOT NULL AND problem_message IS NOT NULL)
      )
    );
    COMMENT ON COLUMN revision_operations.attempts IS
      'Noted before each attempt of the step under way, so that one that kills the worker counts too.';
    COMMENT ON COLUMN revision_operations.begun_at IS
      'From here on the lake may hold files of its revisions that no manifest names. Their revision numbers are not used again.';
    COMMENT ON COLUMN revision_operations.swept_at IS
      'When the files of an operation that came to nothing were removed.';
    COMMENT ON COLUMN revision_operations.prepared_at IS
      'From here on everything the new revisions consist of is in the lake or here, manifests may be in the lake, and the only way is forward.';
    CREATE INDEX revision_operations_requested_idx
      ON revision_operations (requested_at DESC, operation_id DESC);
    CREATE INDEX revision_operations_type_idx ON revision_operations
      (event_type, requested_at DESC, operation_id DESC);
    CREATE INDEX revision_operations_open_idx
      ON revision_operations (event_type)
      WHERE state IN ('previewing', 'previewed', 'running');
    CREATE INDEX revision_operations_unswept_idx
      ON revision_operations (event_type)
      WHERE begun_at IS NOT NULL AND swept_at IS NULL;

    CREATE TABLE revision_changes (
      operation_id uuid NOT NULL
        REFERENCES revision_operations ON DELETE CASCADE,
      event_type text NOT NULL,
      bucket_start timestamptz NOT NULL,
      bucket_seconds integer NOT NULL CHECK (bucket_seconds > 0),
      from_partition_id bigint NOT NULL REFERENCES partitions,
      from_revision integer NOT NULL,
      to_partition_id bigint UNIQUE REFERENCES partitions,
      to_revision integer NOT NULL CHECK (to_revision > from_revision),
      source text NOT NULL CHECK (source IN ('staged', 'broker')),
      batches integer NOT NULL CHECK (batches >= 0),
      batches_in integer NOT NULL CHECK (batches_in BETWEEN 0 AND batches),
      batches_out integer NOT NULL CHECK (batches_out >= 0),
      batches_digest text NOT NULL,
      schema_version_before integer,
      schema_version_after integer,
      counts_before jsonb NOT NULL,
      counts_after jsonb,
      digest_after text,
      sealed jsonb,
      manifest text,
      PRIMARY KEY (operation_id, bucket_start),
      CONSTRAINT revision_changes_sealed_whole CHECK (
        (sealed IS NULL) = (manifest IS NULL)
      )
    );
    COMMENT ON COLUMN revision_changes.batches_digest IS
      'Of the keys of the batches: the set that was asked about is the set that is sealed.';
    COMMENT ON COLUMN revision_changes.digest_after IS
      'Of which events have which fate, as the preview found it.';
    COMMENT ON COLUMN revision_changes.sealed IS
      'What the commit of a prepared revision needs; its manifest, byte for byte, is beside it.';
    CREATE INDEX revision_changes_from_idx
      ON revision_changes (from_partition_id);
    CREATE INDEX revision_changes_bucket_idx
      ON revision_changes (event_type, bucket_start);

    CREATE TABLE revision_moves (
      operation_id uuid NOT NULL
        REFERENCES revision_operations ON DELETE CASCADE,
      event_type text NOT NULL,
      bucket_start timestamptz NOT NULL,
      gateway text NOT NULL,
      epoch text NOT NULL,
      batch integer NOT NULL,
      PRIMARY KEY (operation_id, event_type, bucket_start, gateway, epoch, batch)
    );
    COMMENT ON TABLE revision_moves IS
      'Late batches that a reshuffle brings home: from the partition they are in to that of the bucket they were received in. All other batches stay.';

    CREATE TABLE revision_refusals (
      to_partition_id bigint NOT NULL REFERENCES partitions ON DELETE CASCADE,
      position integer NOT NULL,
      refusal text NOT NULL,
      PRIMARY KEY (to_partition_id, position)
    );
    COMMENT ON TABLE revision_refusals IS
      'Events that prepared revisions refuse, as JSON text, until the commit turns them into refused events.';

    CREATE SEQUENCE partition_commit_order;
    ALTER TABLE partitions
      ADD COLUMN operation_id uuid REFERENCES revision_operations,
      ADD COLUMN first_sealed_at timestamptz,
      ADD COLUMN commit_order bigint,
      ADD COLUMN ids_order bigint,
      ADD COLUMN commit_seq bigint UNIQUE;
    COMMENT ON COLUMN partitions.operation_id IS
      'The operation it is a revision of; none for first deliveries.';
    COMMENT ON COLUMN partitions.first_sealed_at IS
      'Of a later revision: when the bucket was delivered first. By it lateness is told; a repair does not make a partition late.';
    COMMENT ON COLUMN partitions.commit_order IS
      'Place in the order of commits, exact within an event type. A number may be given before a lower one of another type is visible.';
    COMMENT ON COLUMN partitions.ids_order IS
      'The commit order in which its events were first held against the ids of others: that of the revision it replaces, when it delivers no other events.';
    COMMENT ON COLUMN partitions.commit_seq IS
      'Given to committed rows only, in ascending order: no lower one can appear later.';
    UPDATE partitions p
    SET commit_order = o.n, ids_order = o.n, commit_seq = o.n
    FROM (
      SELECT partition_id,
        row_number() OVER (ORDER BY sealed_at, partition_id) AS n
      FROM partitions WHERE state = 'sealed'
    ) o
    WHERE p.partition_id = o.partition_id;
    SELECT setval('partition_commit_order',
      (SELECT coalesce(max(commit_order), 0) + 1 FROM partitions), false);
    CREATE INDEX partitions_unnumbered_idx ON partitions (commit_order)
      WHERE state = 'sealed' AND commit_seq IS NULL;
    CREATE INDEX partitions_superseded_idx
      ON partitions (audited_at NULLS FIRST)
      WHERE state = 'sealed' AND superseded_at IS NOT NULL;
    CREATE FUNCTION order_sealed_partition() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
      NEW.commit_order :=
        coalesce(NEW.commit_order, nextval('partition_commit_order'));
      NEW.ids_order := coalesce(NEW.ids_order, NEW.commit_order);
      RETURN NEW;
    END $$;
    CREATE TRIGGER partitions_order_sealed
      BEFORE INSERT OR UPDATE OF state ON partitions
      FOR EACH ROW WHEN (NEW.state = 'sealed')
      EXECUTE FUNCTION order_sealed_partition();

    ALTER TABLE id_files
      ADD COLUMN without_buckets timestamptz[] NOT NULL DEFAULT '{}';
    COMMENT ON COLUMN id_files.without_buckets IS
      'Buckets whose ids in a merged file do not count any more: a revision has replaced the partition they are of. The next merge leaves them out.';
    COMMENT ON COLUMN id_files.rows IS 'Ids in the file that count.';

    -- What names a partition is asked when a row of one that came to nothing goes.
    CREATE INDEX refused_events_partition_idx ON refused_events (partition_id)
      WHERE partition_id IS NOT NULL;
    CREATE INDEX replay_events_partition_idx ON replay_events (partition_id)
      WHERE partition_id IS NOT NULL;

    CREATE TABLE partition_refusals (
      partition_id bigint NOT NULL REFERENCES partitions,
      refusal_id uuid NOT NULL
        REFERENCES refused_events ON DELETE CASCADE,
      PRIMARY KEY (partition_id, refusal_id)
    );
    COMMENT ON TABLE partition_refusals IS
      'Which live partitions refuse an event: it is listed as refused as long as one does.';
    CREATE INDEX partition_refusals_refusal_idx
      ON partition_refusals (refusal_id);
    INSERT INTO partition_refusals
      SELECT partition_id, refusal_id FROM refused_events
      WHERE stage = 'sealing';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE partition_refusals;
    DROP INDEX replay_events_partition_idx;
    DROP INDEX refused_events_partition_idx;
    ALTER TABLE id_files DROP COLUMN without_buckets;
    DROP TRIGGER partitions_order_sealed ON partitions;
    DROP FUNCTION order_sealed_partition();
    DROP INDEX partitions_superseded_idx;
    DROP TABLE revision_refusals;
    DROP TABLE revision_moves;
    DROP TABLE revision_changes;
    ALTER TABLE partitions
      DROP COLUMN operation_id,
      DROP COLUMN first_sealed_at,
      DROP COLUMN commit_order,
      DROP COLUMN ids_order,
      DROP COLUMN commit_seq;
    DROP SEQUENCE partition_commit_order;
    DROP TABLE revision_operations;
  `);
};
