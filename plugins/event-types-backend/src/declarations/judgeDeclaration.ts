import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import {
  type EventSchema,
  type PrivacyProblem,
  judgePrivacy,
  sourcePointer,
} from '@millrace/schema';
import type { Knex } from 'knex';
import { findFoldedName } from '../database/operations/eventTypes/findFoldedName';
import {
  DeclarationConflictError,
  InvalidDeclarationError,
  problem,
} from '../errors';
import type { DeclarationPointers, ParsedDeclaration } from '../registry/types';

/** What is in force under the name, if anything. */
export interface InForce {
  description?: string;
  schema: EventSchema;
}

const POINTERS: DeclarationPointers = {
  name: '/name',
  description: '/description',
  schema: '/schema',
};

/**
 * Judges what a declaration says, and not how it is written: it describes what
 * it declares, and it has decided which of its fields are about persons.
 *
 * An event type that is in force is not judged again for what it holds already,
 * so a rule that came later stops nobody.
 *
 * @throws InvalidDeclarationError with every problem found
 */
export function assertDeclarable(
  declaration: ParsedDeclaration,
  before?: InForce,
): void {
  const problems = judgeDeclaration(declaration, before);
  if (problems.length) {
    throw new InvalidDeclarationError(problems);
  }
}

/** The problems of {@link assertDeclarable}. */
export function judgeDeclaration(
  declaration: Pick<ParsedDeclaration, 'description' | 'schema' | 'pointers'>,
  before?: InForce,
): DeclarationProblem[] {
  const { description, schema, pointers = POINTERS } = declaration;
  return [
    ...(description === undefined && (!before || before.description)
      ? [missingDescription(pointers.description)]
      : []),
    ...judgePrivacy(schema, { before: before?.schema }).map(found =>
      toProblem(found, pointers.schema),
    ),
  ];
}

/** The problem of a declaration that does not say what it declares. */
export function missingDescription(pointer: string): DeclarationProblem {
  return problem(
    'missing_property',
    pointer,
    'The description is missing: say when the event is sent, and what one event is',
  );
}

/**
 * A problem of privacy, pointing into what somebody sent.
 *
 * @param source - the schema as it was sent, if it is at hand
 */
export function toProblem(
  found: PrivacyProblem,
  pointer: string,
  source?: unknown,
): DeclarationProblem {
  const { code, message, suggestion } = found;
  return {
    code,
    pointer: `${pointer}${
      source === undefined
        ? found.pointer
        : sourcePointer(source, found.pointer)
    }`,
    message,
    ...(suggestion && { suggestion }),
  };
}

/**
 * Refuses the name of a new event type that could not be told from another one.
 *
 * @throws DeclarationConflictError
 */
export async function assertNameDiffers(
  tx: Knex.Transaction,
  declaration: ParsedDeclaration,
): Promise<void> {
  const { name, pointers = POINTERS } = declaration;
  if ((await findFoldedName(tx, { name })) !== undefined) {
    // Which one it is, only those are told who may read it: see availability.
    throw new DeclarationConflictError([nameTooSimilar(pointers.name)]);
  }
}

/** The problem of a name that could not be told from another one. */
export function nameTooSimilar(pointer: string): DeclarationProblem {
  return problem(
    'name_too_similar',
    pointer,
    'Another event type has a name that differs from this one only in . _ and -; people and generated code could not tell them apart',
  );
}

/** The problem of a system that the catalog does not have. */
export function systemNotFound(
  system: string,
  pointer: string,
): DeclarationProblem {
  return problem(
    'system_not_found',
    pointer,
    `There is no ${system} in the catalog`,
  );
}
