import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import {
  DeclarationConflictError,
  EventTypeNotFoundError,
  InvalidDeclarationError,
  SchemaCompilerBusyError,
} from '../errors';

/**
 * The error codes of the schema registry protocol that are given here, with
 * their HTTP status. The list is closed; the numbers are the protocol's, and
 * where it has none of its own, the HTTP status is the code.
 */
export const PROTOCOL_ERRORS = {
  /** The request cannot be read. */
  badRequest: { status: 400, code: 400 },
  unauthorized: { status: 401, code: 401 },
  /** The policy says no. */
  denied: { status: 403, code: 40301 },
  /** There is no such route. */
  noRoute: { status: 404, code: 404 },
  subjectNotFound: { status: 404, code: 40401 },
  versionNotFound: { status: 404, code: 40402 },
  schemaNotFound: { status: 404, code: 40403 },
  /** Incompatible with an earlier version. */
  incompatible: { status: 409, code: 409 },
  unsupportedMediaType: { status: 415, code: 415 },
  invalidSchema: { status: 422, code: 42201 },
  invalidVersion: { status: 422, code: 42202 },
  invalidCompatibilityLevel: { status: 422, code: 42203 },
  /** The protocol has it, Millrace does not do it. */
  notPermitted: { status: 422, code: 42205 },
  invalidSubject: { status: 422, code: 42208 },
  schemaTooLarge: { status: 422, code: 42209 },
  invalidRuleSet: { status: 422, code: 42210 },
  storeFailed: { status: 500, code: 50001 },
  /** Not now; clients try again by themselves. */
  busy: { status: 503, code: 50002 },
} as const;

export type ProtocolErrorKind = keyof typeof PROTOCOL_ERRORS;

/** A refusal in the words of the protocol. */
export class ProtocolError extends Error {
  readonly kind: ProtocolErrorKind;

  constructor(kind: ProtocolErrorKind, message: string) {
    super(message);
    this.name = 'ProtocolError';
    this.kind = kind;
  }

  get status(): number {
    return PROTOCOL_ERRORS[this.kind].status;
  }

  get body(): { error_code: number; message: string } {
    return {
      error_code: PROTOCOL_ERRORS[this.kind].code,
      message: this.message,
    };
  }
}

/** Conflicts that are no incompatibility. */
const STANDING_CONFLICTS = new Set([
  'declared_in_catalog',
  'name_taken',
  'retired',
]);

function textOf(problems: readonly DeclarationProblem[]): string {
  return problems
    .map(({ pointer, message }) =>
      pointer && !message.includes(pointer)
        ? `${pointer}: ${message}`
        : message,
    )
    .join('; ');
}

/**
 * What to answer to any error. What nobody expected becomes `storeFailed`
 * without its message, which may hold anything.
 */
export function toProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) {
    return error;
  }
  if (error instanceof DeclarationConflictError) {
    return conflict(error.problems);
  }
  if (error instanceof InvalidDeclarationError) {
    return new ProtocolError(
      'invalidSchema',
      `Invalid schema: ${textOf(error.problems)}`,
    );
  }
  if (error instanceof SchemaCompilerBusyError) {
    return new ProtocolError('busy', error.message);
  }
  if (error instanceof EventTypeNotFoundError) {
    return new ProtocolError('subjectNotFound', error.message);
  }
  // Backstage's own errors may come from another copy of their package.
  const { name, message } = error instanceof Error ? error : new Error();
  switch (name) {
    case 'AuthenticationError':
      return new ProtocolError(
        'unauthorized',
        'Give a token of Backstage, as bearer token or as the password of basic authentication',
      );
    case 'NotAllowedError':
      return new ProtocolError('denied', message);
    case 'InputError':
      return new ProtocolError('badRequest', message);
    default:
      return (
        bodyError(error) ?? new ProtocolError('storeFailed', 'Internal error')
      );
  }
}

function conflict(problems: readonly DeclarationProblem[]): ProtocolError {
  if (problems.some(({ code }) => code === 'changed_meanwhile')) {
    return new ProtocolError('busy', textOf(problems));
  }
  if (problems.some(({ code }) => STANDING_CONFLICTS.has(code))) {
    return new ProtocolError('notPermitted', textOf(problems));
  }
  return new ProtocolError(
    'incompatible',
    `Schema being registered is incompatible with an earlier schema: ${textOf(
      problems,
    )}`,
  );
}

/** What the reader of request bodies throws; it sets `type`. */
function bodyError(error: unknown): ProtocolError | undefined {
  const type =
    typeof error === 'object' && error !== null && 'type' in error
      ? error.type
      : undefined;
  switch (type) {
    case 'entity.too.large':
      return new ProtocolError('schemaTooLarge', 'The request is too large');
    case 'entity.parse.failed':
      return new ProtocolError('badRequest', 'The request body is not JSON');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new ProtocolError(
        'unsupportedMediaType',
        'Send the body as JSON in UTF-8',
      );
    default:
      return undefined;
  }
}
