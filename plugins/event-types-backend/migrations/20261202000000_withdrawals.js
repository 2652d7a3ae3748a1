// @ts-check

/*
 * How an event type ends: withdrawn by a person, who can undo it until the grace
 * is over; then being taken down; then archived. A row is never deleted: sealed
 * partitions keep the name, and their readers the schema.
 */

const COLUMNS = [
  'withdrawn_at',
  'withdrawn_by',
  'withdrawal_reason',
  'withdrawal_ends_at',
  'removal_began_at',
  'archived_at',
];

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('event_types', table => {
    table.timestamp('withdrawn_at', { useTz: true }).nullable();
    table.text('withdrawn_by').nullable();
    table.text('withdrawal_reason').nullable();
    table.timestamp('withdrawal_ends_at', { useTz: true }).nullable();
    table
      .timestamp('removal_began_at', { useTz: true })
      .nullable()
      .comment('When the grace was over; from then on there is no way back');
    table
      .timestamp('archived_at', { useTz: true })
      .nullable()
      .comment('When nothing was left to take down');
    table.check(
      'num_nulls(withdrawn_at, withdrawn_by, withdrawal_reason, withdrawal_ends_at) in (0, 4)',
      [],
      'event_types_withdrawal',
    );
    table.check(
      '(removal_began_at is null or withdrawn_at is not null) and (archived_at is null or removal_began_at is not null)',
      [],
      'event_types_removal_order',
    );
  });
  await knex.raw(
    `create index event_types_withdrawal_ends_idx
     on event_types (withdrawal_ends_at) where removal_began_at is null`,
  );
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('drop index event_types_withdrawal_ends_idx');
  await knex.raw(
    `alter table event_types
     drop constraint event_types_withdrawal,
     drop constraint event_types_removal_order`,
  );
  await knex.schema.alterTable('event_types', table => {
    table.dropColumns(...COLUMNS);
  });
};
