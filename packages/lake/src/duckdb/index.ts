export {
  createDuckdb,
  listParameter,
  type Duckdb,
  type DuckdbOptions,
  type DuckdbParameters,
  type DuckdbRow,
  type DuckdbSession,
} from './createDuckdb';
export { quoteIdentifier, quoteLiteral } from './sql';
export { toJsonValue, type JsonValue } from './toJsonValue';
