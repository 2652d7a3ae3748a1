import { ProtocolError } from './errors';
import type { VersionSelector } from './SchemaRegistry';

/** Numbers of versions and of schemas are signed 32-bit integers. */
const MAX_NUMBER = 2 ** 31 - 1;

function positiveInteger(text: string): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= MAX_NUMBER ? value : undefined;
}

/**
 * The version a path names: a number, `latest`, or -1 for the same.
 *
 * @throws ProtocolError `invalidVersion`
 */
export function parseVersion(text: string): VersionSelector {
  const value =
    text === 'latest' || text === '-1' ? 'latest' : positiveInteger(text);
  if (value === undefined) {
    throw new ProtocolError(
      'invalidVersion',
      `The specified version is not valid: it is a number from 1 to ${MAX_NUMBER}, or 'latest'`,
    );
  }
  return value;
}

/** @throws ProtocolError `schemaNotFound` when no schema can have the number */
export function parseSchemaId(text: string): number {
  const id = positiveInteger(text);
  if (id === undefined) {
    throw new ProtocolError('schemaNotFound', 'No schema has this number');
  }
  return id;
}

/** @throws ProtocolError `schemaNotFound` when it is no GUID at all */
export function parseGuid(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw new ProtocolError('schemaNotFound', 'No schema has this GUID');
  }
  return text.toLocaleLowerCase('en-US');
}

/** A query parameter given once as text; anything else counts as not given. */
export function queryText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
