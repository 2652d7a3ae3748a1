// @ts-check

/*
 * How far sealed revisions have been announced, by whoever follows them. What
 * was sealed before this migration is not announced: nobody could subscribe.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    CREATE TABLE announcement_cursors (
      announcer text PRIMARY KEY,
      commit_seq bigint NOT NULL CHECK (commit_seq >= 0),
      moved_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON COLUMN announcement_cursors.commit_seq IS
      'Everything up to it was announced; see partitions.commit_seq. What comes after may have been announced too: at least once, not exactly once.';
    INSERT INTO announcement_cursors (announcer, commit_seq)
      SELECT a.announcer, coalesce((SELECT max(commit_seq) FROM partitions), 0)
      FROM (VALUES ('partition-sealed'), ('revision-notices')) AS a (announcer);
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw('DROP TABLE announcement_cursors;');
};
