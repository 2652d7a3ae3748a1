// @ts-check

/*
 * How an event type may change: its compatibility mode, its deprecation, and the
 * move to a new major version, which is an event type of its own.
 *
 * What was enforced until now is what the mode backward-transitive says, so
 * every event type begins with it.
 */

const MODES =
  "('backward', 'backward-transitive', 'forward', 'forward-transitive', 'full', 'full-transitive', 'none')";

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('event_types', table => {
    table.text('compatibility').notNullable().defaultTo('backward-transitive');
    table
      .json('sealing_schema')
      .nullable()
      .comment('Takes events of all versions; null: the newest schema does');
    table.text('deprecation_message').nullable();
    table.timestamp('deprecated_at', { useTz: true }).nullable();
    table.text('deprecated_by').nullable();
    table.text('deprecation_ends_on').nullable().comment('YYYY-MM-DD');
    table.text('deprecation_successor').nullable();
    table.timestamp('retired_at', { useTz: true }).nullable();
    table.check(`compatibility in ${MODES}`, [], 'event_types_compatibility');
    table.check(
      '(deprecated_at is null) = (deprecation_message is null) and (deprecated_at is null) = (deprecated_by is null)',
      [],
      'event_types_deprecation',
    );
  });

  await knex.schema.alterTable('event_type_versions', table => {
    table
      .text('mode')
      .nullable()
      .comment('In which it was published; null for earlier releases');
  });

  await knex.schema.createTable('major_versions', table => {
    table.comment('Moves from an event type to its successor');
    table.uuid('id').primary().defaultTo(knex.raw('gen_random_uuid()'));
    table
      .text('predecessor')
      .notNullable()
      .references('name')
      .inTable('event_types')
      .onDelete('CASCADE');
    table.text('successor').notNullable();
    table.text('state').notNullable();
    table.text('reason').notNullable();
    table.json('schema').notNullable();
    table.json('fields').notNullable();
    table.check(
      "state in ('requested', 'refused', 'dual-write', 'consumers-moved', 'retired')",
      [],
      'major_versions_state',
    );
  });
  // A refused one may be asked for again; any other is the only one.
  for (const side of ['predecessor', 'successor']) {
    await knex.raw(
      `create unique index major_versions_${side}_idx on major_versions (${side}) where state <> 'refused'`,
    );
  }

  await knex.schema.createTable('major_version_steps', table => {
    table.comment('Who did what, when: inserted once, never changed');
    table
      .uuid('major')
      .notNullable()
      .references('id')
      .inTable('major_versions')
      .onDelete('CASCADE');
    table.text('state').notNullable();
    table.timestamp('at', { useTz: true }).notNullable();
    table.text('by').notNullable();
    table.text('note').nullable();
    table.primary(['major', 'state']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('major_version_steps');
  await knex.schema.dropTable('major_versions');
  await knex.schema.alterTable('event_type_versions', table => {
    table.dropColumn('mode');
  });
  await knex.schema.alterTable('event_types', table => {
    table.dropColumns(
      'compatibility',
      'sealing_schema',
      'deprecation_message',
      'deprecated_at',
      'deprecated_by',
      'deprecation_ends_on',
      'deprecation_successor',
      'retired_at',
    );
  });
};
