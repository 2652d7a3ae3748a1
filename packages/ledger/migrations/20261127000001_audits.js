// @ts-check

/*
 * What the independent auditor has looked at, when, and what it found. The
 * auditor writes here and nowhere else but in partitions.audited_at, which is
 * the order in which it goes round.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    ALTER TABLE partitions ADD COLUMN audited_at timestamptz;
    COMMENT ON COLUMN partitions.audited_at IS
      'When the auditor last compared the partition with its files; nothing else of a sealed partition ever changes but superseded_at.';
    CREATE INDEX partitions_unaudited_idx ON partitions (sealed_at)
      WHERE state = 'sealed' AND superseded_at IS NULL AND audited_at IS NULL;
    CREATE INDEX partitions_audited_idx ON partitions (audited_at)
      WHERE state = 'sealed' AND superseded_at IS NULL
        AND audited_at IS NOT NULL;

    CREATE TABLE partition_audits (
      partition_id bigint PRIMARY KEY REFERENCES partitions ON DELETE CASCADE,
      first_audited_at timestamptz NOT NULL,
      audited_at timestamptz NOT NULL,
      audits integer NOT NULL CHECK (audits > 0),
      auditor text NOT NULL,
      checks text[] NOT NULL,
      rows_read bigint NOT NULL CHECK (rows_read >= 0),
      bytes_read bigint NOT NULL CHECK (bytes_read >= 0),
      content_digest text CHECK (content_digest ~ '^[0-9a-f]{64}$')
    );
    COMMENT ON COLUMN partition_audits.content_digest IS
      'Of manifest and files as the first clean audit read them. The auditor''s own memory: it also tells a change that was made in the lake and in the ledger alike.';

    CREATE TABLE lake_audits (
      event_type text PRIMARY KEY,
      audited_at timestamptz NOT NULL,
      audits integer NOT NULL CHECK (audits > 0),
      auditor text NOT NULL,
      objects bigint NOT NULL CHECK (objects >= 0)
    );
    COMMENT ON TABLE lake_audits IS
      'When the folder of an event type was last searched for what nobody knows.';

    CREATE TABLE audit_findings (
      finding_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      scope text NOT NULL,
      fingerprint text NOT NULL,
      code text NOT NULL CHECK (length(code) <= 64),
      severity text NOT NULL CHECK (severity IN ('critical', 'warning')),
      message text NOT NULL,
      event_type text NOT NULL,
      bucket_start timestamptz,
      revision integer,
      partition_id bigint REFERENCES partitions ON DELETE CASCADE,
      file text,
      peer text,
      events bigint,
      producer text,
      producer_epoch text,
      first_sequence bigint,
      last_sequence bigint,
      gateway text,
      gateway_epoch text,
      first_batch integer,
      last_batch integer,
      state text NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'acknowledged', 'resolved')),
      first_seen_at timestamptz NOT NULL,
      last_seen_at timestamptz NOT NULL,
      seen_count integer NOT NULL DEFAULT 1 CHECK (seen_count > 0),
      acknowledged_at timestamptz,
      acknowledged_by text,
      acknowledged_why text,
      resolved_at timestamptz,
      notified_at timestamptz,
      CONSTRAINT audit_findings_acknowledged_by_somebody CHECK (
        state <> 'acknowledged' OR (acknowledged_at IS NOT NULL
          AND acknowledged_by IS NOT NULL AND acknowledged_why IS NOT NULL)
      ),
      CONSTRAINT audit_findings_resolved_at_some_time CHECK (
        (state = 'resolved') = (resolved_at IS NOT NULL)
      )
    );
    COMMENT ON COLUMN audit_findings.scope IS
      'What an audit covers at once, a partition or the folder of an event type: a later audit of the same scope resolves what it does not find any more.';
    COMMENT ON COLUMN audit_findings.peer IS
      'The other partition of a finding about two.';
    CREATE UNIQUE INDEX audit_findings_unresolved_idx
      ON audit_findings (scope, fingerprint) WHERE state <> 'resolved';
    CREATE INDEX audit_findings_type_idx
      ON audit_findings (event_type, first_seen_at DESC, finding_id DESC);
    CREATE INDEX audit_findings_seen_idx
      ON audit_findings (first_seen_at DESC, finding_id DESC);
    CREATE INDEX audit_findings_open_idx
      ON audit_findings (severity) WHERE state = 'open';
    CREATE INDEX audit_findings_partition_idx ON audit_findings (partition_id);
    CREATE INDEX audit_findings_untold_idx
      ON audit_findings (first_seen_at) WHERE notified_at IS NULL;
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    DROP TABLE audit_findings;
    DROP TABLE lake_audits;
    DROP TABLE partition_audits;
    DROP INDEX partitions_audited_idx;
    DROP INDEX partitions_unaudited_idx;
    ALTER TABLE partitions DROP COLUMN audited_at;
  `);
};
