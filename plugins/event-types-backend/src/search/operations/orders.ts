import type {
  EventTypeSort,
  FieldSort,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { PagePosition } from '../cursor';

/** A column that a list is sorted by: what it is, and as what a key comes back. */
interface OrderColumn {
  sql: string;
  type: 'text' | 'bigint';
}

const NAME: OrderColumn = { sql: 'event_types.name collate "C"', type: 'text' };

/** What event types are sorted by; the name tells equal ones apart. */
export const EVENT_TYPE_ORDERS: {
  [sort in EventTypeSort]: readonly OrderColumn[];
} = {
  name: [NAME],
  owner: [{ sql: 'event_types.owner collate "C"', type: 'text' }, NAME],
  tier: [
    {
      sql: `array_position(array['critical', 'normal', 'low'], event_types.tier)::bigint`,
      type: 'bigint',
    },
    NAME,
  ],
  version: [{ sql: 'event_types.version::bigint', type: 'bigint' }, NAME],
  updated: [
    {
      // Microseconds, so that nothing is lost on the way through a cursor.
      sql: '(extract(epoch from event_types.updated_at) * 1000000)::bigint',
      type: 'bigint',
    },
    NAME,
  ],
};

const FIELD_EVENT_TYPE: OrderColumn = {
  sql: 'event_type_fields.event_type collate "C"',
  type: 'text',
};
const FIELD_POSITION: OrderColumn = {
  sql: 'event_type_fields.position',
  type: 'bigint',
};

/** What fields are sorted by. */
export const FIELD_ORDERS: { [sort in FieldSort]: readonly OrderColumn[] } = {
  'event-type': [FIELD_EVENT_TYPE, FIELD_POSITION],
  path: [
    { sql: 'event_type_fields.path collate "C"', type: 'text' },
    FIELD_EVENT_TYPE,
    FIELD_POSITION,
  ],
};

const MAX_KEY_LENGTH = 4096;

/** Whether texts, which a client sent, can be the key of a row in this order. */
export function isKeyOf(
  columns: readonly OrderColumn[],
  key: readonly string[],
): boolean {
  return (
    key.length === columns.length &&
    columns.every(({ type }, at) =>
      type === 'bigint'
        ? /^-?\d{1,18}$/.test(key[at])
        : key[at].length <= MAX_KEY_LENGTH,
    )
  );
}

/**
 * Sorts a query, begins it beside the row of the position, and takes one row more
 * than the page has, which tells whether there is another page.
 */
export function applyPosition<TSort extends string>(
  db: Knex,
  query: Knex.QueryBuilder,
  position: PagePosition<TSort>,
  columns: readonly OrderColumn[],
): Knex.QueryBuilder {
  const { beside, isDescending, isBackwards, limit } = position;
  const isDownwards = isDescending !== isBackwards;
  if (beside) {
    const keys = columns.map(({ sql }) => sql).join(', ');
    const values = columns.map(({ type }) => `?::${type}`).join(', ');
    query.andWhere(
      db.raw(`(${keys}) ${isDownwards ? '<' : '>'} (${values})`, [...beside]),
    );
  }
  const direction = isDownwards ? ' desc' : '';
  return query
    .orderByRaw(columns.map(({ sql }) => `${sql}${direction}`).join(', '))
    .limit(limit + 1);
}

/** The key of each row, as an array of texts named `row_key`. */
export function keyColumn(db: Knex, columns: readonly OrderColumn[]): Knex.Raw {
  return db.raw(
    `array[${columns
      .map(({ sql }) => `(${sql})::text`)
      .join(', ')}] as row_key`,
  );
}
