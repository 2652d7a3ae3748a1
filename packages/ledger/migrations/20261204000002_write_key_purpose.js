// @ts-check

/*
 * Which write keys Millrace made for itself, so that they can be told from those
 * of producers.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    ALTER TABLE write_keys
      ADD COLUMN purpose text CHECK (purpose IN ('replay', 'test-event'));
    COMMENT ON COLUMN write_keys.purpose IS
      'What it was made for by Millrace itself; null for the key of a producer.';
    UPDATE write_keys k SET purpose = 'replay'
    FROM replay_write_keys r WHERE r.key_id = k.key_id;
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw('ALTER TABLE write_keys DROP COLUMN purpose');
};
