import type { TypeModel } from '../avro/model';

/**
 * What became of the type of a field.
 *
 * - `same`: nothing by itself; records, lists and maps may differ inside.
 * - `widened`: takes everything it took and more, in the same column.
 * - `narrowed`: the other way round.
 * - `changed`: another column, so neither version reads the other.
 */
export type TypeChange = 'same' | 'widened' | 'narrowed' | 'changed';

/**
 * Changes that keep every valid event valid and every column as it is, in
 * Parquet as in the tables that are loaded from it: a table has one type for
 * int and long, one for float and double, and text for enums.
 */
const WIDENINGS = new Set([
  'int>long',
  'float>double',
  'enum>string',
  'empty record>json',
]);

/** How the type of a field changed, without looking into records and values. */
export function typeChangeOf(previous: TypeModel, next: TypeModel): TypeChange {
  const before = kindOf(previous);
  const after = kindOf(next);
  if (before === after) {
    return 'same';
  }
  if (WIDENINGS.has(`${before}>${after}`)) {
    return 'widened';
  }
  return WIDENINGS.has(`${after}>${before}`) ? 'narrowed' : 'changed';
}

/** A record without fields is stored as JSON, one with fields as a struct. */
function kindOf(type: TypeModel): string {
  return type.kind === 'record' && type.fields.length === 0
    ? 'empty record'
    : type.kind;
}
