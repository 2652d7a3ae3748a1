// @ts-check

/*
 * Declarations that somebody has not finished. Each belongs to one user and is
 * found by nobody else: the user is part of the key, so an id tells nothing.
 */

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('declaration_drafts', table => {
    table.text('user_ref').notNullable();
    table.uuid('id').notNullable();
    table.integer('revision').notNullable();
    table.text('title').nullable();
    table.json('content').notNullable().comment('As the form wrote it');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.timestamp('updated_at', { useTz: true }).notNullable();
    table.timestamp('expires_at', { useTz: true }).notNullable();
    table.primary(['user_ref', 'id']);
    table.index(['expires_at'], 'declaration_drafts_expires_at_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('declaration_drafts');
};
