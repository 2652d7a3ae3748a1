// @ts-check

/*
 * What people say about an event type beside its schema, and where it stands
 * between portal and repository.
 *
 * All of it may be missing: event types that were registered before have none.
 */

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('event_types', table => {
    table
      .text('retention')
      .nullable()
      .comment('Id of a retention class; null follows the default');
    table.bigInteger('expected_events_per_day').nullable();
    table.json('tags').nullable().comment('List of texts, in their order');
    table.text('system').nullable().comment('Canonical entity reference');
    table
      .timestamp('adopted_at', { useTz: true })
      .nullable()
      .comment('When it last changed between portal and catalog');
    table
      .timestamp('orphaned_at', { useTz: true })
      .nullable()
      .comment('Since when the declaration of origin catalog is gone');
    table.check(
      "orphaned_at is null or origin = 'catalog'",
      [],
      'event_types_orphaned',
    );
    table.check(
      'expected_events_per_day > 0',
      [],
      'event_types_expected_events',
    );
  });
  // Names that differ only in their separators, found without reading them all.
  await knex.raw(
    `create index event_types_folded_name_idx
     on event_types (translate(name, '._-', ''))`,
  );
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('drop index event_types_folded_name_idx');
  await knex.raw(
    `alter table event_types
     drop constraint event_types_orphaned,
     drop constraint event_types_expected_events`,
  );
  await knex.schema.alterTable('event_types', table => {
    table.dropColumns(
      'retention',
      'expected_events_per_day',
      'tags',
      'system',
      'adopted_at',
      'orphaned_at',
    );
  });
};
