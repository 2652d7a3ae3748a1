// @ts-check

/*
 * When the events of a partition reached each stage of their way (ADR 0032).
 * Each time is told by the clock of the machine that was there; the time of
 * closing is `began_at` of the first revision.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    ALTER TABLE partitions
      ADD COLUMN last_received_at timestamptz,
      ADD COLUMN last_published_at timestamptz,
      ADD COLUMN last_staged_at timestamptz;
    COMMENT ON COLUMN partitions.last_received_at IS
      'When the last delivered event was received, by the clock of its gateway. NULL: nothing was delivered, or it was not recorded.';
    COMMENT ON COLUMN partitions.last_published_at IS
      'When the last batch was published, by the clock of the broker. NULL: there was none, or it was not recorded.';
    COMMENT ON COLUMN partitions.last_staged_at IS
      'When the last batch was recorded as staged, by the clock of the ledger. NULL as last_published_at.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    ALTER TABLE partitions
      DROP COLUMN last_received_at,
      DROP COLUMN last_published_at,
      DROP COLUMN last_staged_at;
  `);
};
