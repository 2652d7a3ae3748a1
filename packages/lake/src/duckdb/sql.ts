/*
 * The only ways by which text becomes part of a SQL statement. Values go in as
 * prepared parameters wherever DuckDB takes them; these are for the places
 * where it does not: names, type texts, keys of structs and options.
 */

/**
 * A name as a SQL identifier, whatever it contains.
 *
 * @public
 */
export function quoteIdentifier(name: string): string {
  assertNoNul(name);
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Text as a SQL string literal. DuckDB's plain literals know no escapes but
 * the doubled quote.
 *
 * @public
 */
export function quoteLiteral(text: string): string {
  assertNoNul(text);
  return `'${text.replaceAll("'", "''")}'`;
}

/** A NUL would end the statement inside DuckDB's parser. */
function assertNoNul(text: string): void {
  if (text.includes('\0')) {
    throw new TypeError('SQL text cannot contain NUL');
  }
}
