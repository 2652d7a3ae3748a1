import { Knex } from 'knex';

/** What `db.raw` resolves to on Postgres. */
interface RawResult<Row> {
  rows: Row[];
  rowCount: number;
}

/**
 * Runs one statement with named bindings (`:name`) and gives its rows. The row
 * type is the caller's promise about its own SELECT list.
 */
export async function queryRows<Row>(
  db: Knex,
  sql: string,
  bindings: Record<string, unknown> = {},
): Promise<Row[]> {
  const result: RawResult<Row> = await db.raw(
    sql,
    bindings as Record<string, Knex.RawBinding>,
  );
  return result.rows;
}

/** Runs one statement and gives the number of rows it wrote. */
export async function queryCount(
  db: Knex,
  sql: string,
  bindings: Record<string, unknown> = {},
): Promise<number> {
  const result: RawResult<unknown> = await db.raw(
    sql,
    bindings as Record<string, Knex.RawBinding>,
  );
  return result.rowCount;
}

/**
 * Runs the given function in a transaction: the caller's, if `db` already is
 * one, so that operations can be built out of operations.
 */
export async function inTransaction<T>(
  db: Knex,
  run: (tx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  if (db.isTransaction) {
    return run(db as Knex.Transaction);
  }
  return db.transaction(run);
}

/**
 * Text from the outside world as Postgres can store it: its text type has no
 * NUL, and a lone surrogate has no UTF-8 form. Both become U+FFFD, so that one
 * hostile event cannot make its whole batch impossible to record.
 */
export function storableText(text: string): string;
export function storableText(text: string | undefined): string | undefined;
export function storableText(text: string | undefined): string | undefined {
  // Lone surrogates are replaced by the driver's own encoding to UTF-8.
  return text?.replaceAll('\u0000', '\ufffd');
}

/** {@link storableText}, cut to what a short, indexed column takes. */
export function storableName(text: string): string;
export function storableName(text: string | undefined): string | undefined;
export function storableName(text: string | undefined): string | undefined {
  return text === undefined ? undefined : storableText(text).slice(0, 255);
}

/** Splits a sequence into arrays of at most `size`, to bound statement size. */
export async function* inChunks<T>(
  items: Iterable<T> | AsyncIterable<T>,
  size: number,
): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) {
    yield chunk;
  }
}
