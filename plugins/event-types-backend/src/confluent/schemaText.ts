import { createHash } from 'node:crypto';
import type { EventSchema } from '@millrace/schema';
import { ProtocolError } from './errors';

/** The schema types of the protocol that are understood. */
export const SCHEMA_KINDS = ['AVRO', 'JSON'] as const;

export type SchemaKind = (typeof SCHEMA_KINDS)[number];

/** Longer texts are no schemas that a person wrote; see `compiling`. */
export const MAX_SCHEMA_TEXT_BYTES = 1024 * 1024;

/** A schema as a client wrote it down. */
export interface SchemaText {
  kind: SchemaKind;
  /** As it was sent. */
  content: string;
  /** The JSON of `content`. Untrusted. */
  document: unknown;
}

/**
 * Reads the text of a schema as JSON, and no further.
 *
 * @throws ProtocolError `invalidSchema` or `schemaTooLarge`
 */
export function parseSchemaText(kind: SchemaKind, content: string): SchemaText {
  if (Buffer.byteLength(content) > MAX_SCHEMA_TEXT_BYTES) {
    throw new ProtocolError(
      'schemaTooLarge',
      `A schema has at most ${MAX_SCHEMA_TEXT_BYTES} bytes`,
    );
  }
  // Half of a surrogate pair would be stored as another character.
  if (/\p{Cs}/u.test(content)) {
    throw new ProtocolError(
      'invalidSchema',
      'The schema holds half of a surrogate pair, which is no character',
    );
  }
  try {
    return { kind, content, document: JSON.parse(content) };
  } catch {
    throw new ProtocolError('invalidSchema', 'The schema is not JSON');
  }
}

/**
 * Names what an Avro text says: equal for texts that mean the same event type
 * and encode values alike, whatever their white space, the order of their keys,
 * or the attributes that have no meaning here (`aliases`, `order`).
 *
 * The order of a union's branches is gone in the parsed schema, which writes
 * null first, but it decides the encoding; so it is taken from the text.
 */
export function avroDigest(schema: EventSchema, document: unknown): string {
  return digestOf('AVRO', [schema.avro, nullLastUnions(document)]);
}

/** Names what a JSON Schema says, white space and order of keys aside. */
export function jsonSchemaDigest(document: unknown): string {
  return digestOf('JSON', document);
}

/** The text of a schema that no client has written down. */
export function nativeText(avro: unknown): string {
  return JSON.stringify(avro);
}

function digestOf(kind: SchemaKind, value: unknown): string {
  return createHash('sha256')
    .update(`${kind}\n${JSON.stringify(value, withSortedKeys)}`)
    .digest('hex');
}

function withSortedKeys(_key: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
      )
    : value;
}

/**
 * Whether null comes last, of each union in the order of the text. Only asked
 * of documents that have been parsed as event schemas, which bounds their depth.
 */
function nullLastUnions(document: unknown): boolean[] {
  const found: boolean[] = [];
  const visit = (type: unknown) => {
    if (Array.isArray(type)) {
      found.push(type[1] === 'null');
      type.forEach(visit);
    } else if (typeof type === 'object' && type !== null) {
      const {
        fields,
        items,
        values,
        type: inner,
      } = type as {
        [key in 'fields' | 'items' | 'values' | 'type']?: unknown;
      };
      if (Array.isArray(fields)) {
        fields.forEach(field => visit(field?.type));
      }
      [items, values, inner].forEach(visit);
    }
  };
  visit(document);
  return found;
}
