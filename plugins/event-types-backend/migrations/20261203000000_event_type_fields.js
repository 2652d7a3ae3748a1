// @ts-check

/*
 * The fields of the newest version of each event type, one row each, so that a
 * field can be found without reading every schema; and what lists of event types
 * are paged by.
 *
 * The rows say nothing that the versions do not: they are made anew from them
 * here, and by the operation that adds a version, in its transaction.
 *
 * Texts are ordered by their bytes, so that a page does not depend on the locale
 * of the database; the indexes are, too.
 */

const BATCH = 100;

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('event_type_fields', table => {
    table.comment('Fields of the newest version of each event type');
    table
      .text('event_type')
      .notNullable()
      .references('name')
      .inTable('event_types')
      .onDelete('CASCADE');
    table.integer('position').notNullable().comment('In its version, from 0');
    table.text('path').notNullable();
    table.text('type').notNullable();
    table.boolean('required').notNullable();
    table.text('doc').nullable();
    table.text('semantic_type').nullable();
    table
      .integer('since_version')
      .notNullable()
      .comment('From which on no version lacks it');
    table.primary(['event_type', 'position']);
  });
  for (const statement of [
    `create index event_types_by_name_idx on event_types (name collate "C")`,
    `create index event_type_fields_by_event_type_idx
     on event_type_fields (event_type collate "C", position)`,
    `create index event_type_fields_by_path_idx
     on event_type_fields (path collate "C", event_type collate "C", position)`,
    `create index event_type_fields_semantic_type_idx
     on event_type_fields (semantic_type, event_type)
     where semantic_type is not null`,
  ]) {
    await knex.raw(statement);
  }
  await fillFields(knex);
};

/**
 * Some event types at a time: thousands of schemas do not go into memory.
 *
 * @param {import('knex').Knex} knex
 */
async function fillFields(knex) {
  let after = '';
  for (;;) {
    const names = await knex('event_types')
      .whereRaw('name collate "C" > ?', [after])
      .orderByRaw('name collate "C"')
      .limit(BATCH)
      .pluck('name');
    if (!names.length) {
      return;
    }
    after = names[names.length - 1];
    for (const name of names) {
      const versions = await knex('event_type_versions')
        .where({ event_type: name })
        .orderBy('version')
        .select('version', 'fields');
      const rows = fieldRows(name, versions);
      if (rows.length) {
        await knex.batchInsert('event_type_fields', rows, 500);
      }
    }
  }
}

/**
 * @param {string} name
 * @param {Array<{ version: number, fields: Array<{ path: string, type: string, required: boolean, doc?: string, semanticType?: string }> }>} versions - oldest first
 */
function fieldRows(name, versions) {
  /** @type {Map<string, number>} */
  let since = new Map();
  for (const { version, fields } of versions) {
    const before = since;
    since = new Map(
      fields.map(({ path }) => [path, before.get(path) ?? version]),
    );
  }
  const newest = versions[versions.length - 1];
  return (newest ? newest.fields : []).map((field, position) => ({
    event_type: name,
    position,
    path: field.path,
    type: field.type,
    required: field.required,
    // Postgres stores no NUL in a text, though it does in json.
    doc: field.doc === undefined ? null : field.doc.replaceAll('\0', '\ufffd'),
    semantic_type: field.semanticType ?? null,
    since_version: since.get(field.path) ?? newest.version,
  }));
}

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('event_type_fields');
  await knex.raw('drop index event_types_by_name_idx');
};
