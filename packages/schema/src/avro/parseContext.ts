import { SchemaProblem, SchemaProblemCode } from '../errors';
import { AvroType, MAX_SCHEMA_FIELDS } from './types';

const MAX_PROBLEMS = 50;

/** Ends a parse early: what is left cannot make the verdict any better. */
export class ParseAborted extends Error {}

/**
 * A type that was understood. `fields` counts the fields it unfolds into and
 * `height` the levels below it, references included.
 */
export interface ParsedType {
  type: AvroType;
  fields: number;
  height: number;
}

/** Where a type stands: its place in the document and what surrounds it. */
export interface Position {
  pointer: string;
  depth: number;
  namespace: string | undefined;
}

/** A record or enum that later types may refer to. */
export interface Definition {
  fields: number;
  height: number;
  symbols?: readonly string[];
}

/** What one parse remembers while it walks through a schema. */
export interface ParseContext {
  readonly problems: SchemaProblem[];
  readonly definitions: Map<string, Definition>;
  /** Full names of the records being parsed, outermost first. */
  readonly open: Set<string>;
  fieldsSeen: number;
}

export function createParseContext(): ParseContext {
  return {
    problems: [],
    definitions: new Map(),
    open: new Set(),
    fieldsSeen: 0,
  };
}

export function report(
  context: ParseContext,
  code: SchemaProblemCode,
  pointer: string,
  message: string,
): undefined {
  context.problems.push({ code, pointer, message });
  if (context.problems.length >= MAX_PROBLEMS) {
    throw new ParseAborted();
  }
  return undefined;
}

export function countFields(
  context: ParseContext,
  fields: number,
  pointer: string,
): void {
  context.fieldsSeen += fields;
  if (context.fieldsSeen > MAX_SCHEMA_FIELDS) {
    report(
      context,
      'too_many_fields',
      pointer,
      `A schema has at most ${MAX_SCHEMA_FIELDS} fields, counted as often as they appear in an event; make large parts logical type 'json'`,
    );
    throw new ParseAborted();
  }
}
