// @ts-check

/*
 * Event types, their immutable schema versions, and what is wrong with
 * declarations in the catalog.
 *
 * Schemas are of type json, not jsonb: an Avro record is read by people, and
 * json keeps the order in which its author wrote the keys.
 */

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('event_types', table => {
    table.comment('One row per event type, at its newest generation');
    table.text('name').primary();
    table.text('description').nullable();
    table.text('owner').notNullable().comment('Canonical entity reference');
    table.text('tier').notNullable();
    table.integer('version').notNullable().comment('Newest schema version');
    table.integer('generation').notNullable().comment('Rises on any change');
    table.text('origin').notNullable();
    table
      .text('location')
      .nullable()
      .comment('Where a declaration of origin catalog was read from');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.text('created_by').notNullable();
    table.timestamp('updated_at', { useTz: true }).notNullable();
    table.text('updated_by').notNullable();
    table.index(['owner'], 'event_types_owner_idx');
    table.check(
      "tier in ('critical', 'normal', 'low')",
      [],
      'event_types_tier',
    );
    table.check("origin in ('portal', 'catalog')", [], 'event_types_origin');
    table.check(
      'version >= 1 and generation >= version',
      [],
      'event_types_numbers',
    );
  });

  await knex.schema.createTable('event_type_versions', table => {
    table.comment('Schema versions: inserted once, never changed');
    table
      .text('event_type')
      .notNullable()
      .references('name')
      .inTable('event_types')
      .onDelete('CASCADE');
    table.integer('version').notNullable();
    table.json('schema').notNullable().comment('Normalised Avro record');
    table.json('fields').notNullable().comment('Field summaries');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.text('created_by').notNullable();
    table.primary(['event_type', 'version']);
  });

  await knex.schema.createTable('declaration_problems', table => {
    table.comment('Declarations in the catalog that could not be taken in');
    table.text('entity_ref').primary();
    table.text('event_type').notNullable();
    table.text('location').nullable();
    table.json('problems').notNullable();
    table.timestamp('recorded_at', { useTz: true }).notNullable();
    table.index(['event_type'], 'declaration_problems_event_type_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('declaration_problems');
  await knex.schema.dropTable('event_type_versions');
  await knex.schema.dropTable('event_types');
};
