// @ts-check

/*
 * Contracts that owners have imported, one per event type. What a contract says
 * and Millrace does not know is kept, so the whole document is.
 *
 * Of type json, not jsonb: a contract is read by people, and json keeps the
 * order in which its author wrote the keys.
 */

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('contracts', table => {
    table.comment('Imported contracts (Open Data Contract Standard)');
    table
      .text('event_type')
      .primary()
      .references('name')
      .inTable('event_types')
      .onDelete('CASCADE');
    table.json('document').notNullable().comment('As version 3.1.0');
    table.text('api_version').notNullable().comment('As it was imported');
    table.timestamp('imported_at', { useTz: true }).notNullable();
    table.text('imported_by').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('contracts');
};
