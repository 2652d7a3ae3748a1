// @ts-check

/*
 * In a ledger that has just been made, books have been kept always: nothing was
 * there before. Only one that was in use without books has to know since when.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    DELETE FROM books
    WHERE NOT EXISTS (SELECT FROM partitions)
      AND NOT EXISTS (SELECT FROM staged_batches)
      AND NOT EXISTS (SELECT FROM gateways);
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(
    'INSERT INTO books SELECT now() WHERE NOT EXISTS (SELECT FROM books)',
  );
};
