import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { DeclarationProblem } from '@millrace/plugin-event-types-common';

/**
 * The reason codes this backend gives by itself. Problems of a schema carry the
 * codes of `@millrace/schema` beside these.
 *
 * - `missing_property`, `wrong_type`, `unknown_property`, `invalid_value`: the
 *   shape of the request body.
 * - `invalid_event_type_name`: the name breaks the naming rule.
 * - `name_mismatch`: the body names another event type than the path.
 * - `schema_source`: none, or more than one, source of a schema was given.
 * - `schema_too_complex`: making a schema of the source, or its validator, goes
 *   beyond the limits of time, memory, size or depth.
 * - `owner_not_found`, `system_not_found`: no such entity in the catalog.
 * - `not_owner`: the caller may not act for that owner.
 * - `name_taken`: another event type has the name.
 * - `name_too_similar`: another name differs only in `.`, `_` and `-`.
 * - `declared_in_catalog`: declared as YAML, so it changes there and not here.
 * - `unsupported_namespace`: declared outside the namespace `default`.
 * - `adoption_refused`: declared as YAML for another owner than the one that
 *   the event type of the portal has.
 * - `changed_meanwhile`: somebody else changed it between reading and writing.
 * - `retired`: gateways take no more events of it, so it does not change.
 * - `withdrawn`: it is being withdrawn, so it does not change unless that is
 *   undone.
 * - `archived`: it was withdrawn, and nothing but its sealed partitions is left.
 * - `not_withdrawn`: there is no withdrawal to undo or to finish.
 * - `removal_began`: the grace is over, so the withdrawal cannot be undone.
 * - `columns_conflict`: no set of columns takes the events of all versions.
 * - `unknown_version`: the event type has no version of that number.
 * - `loosening_not_allowed`: the mode gives up what was promised, and the caller
 *   may not do that.
 * - `not_breaking`: no new major version is needed, or the schema is the same.
 * - `major_under_way`: there is a move to a new major version already.
 * - `no_major_request`: nobody asked for one that is still open.
 * - `own_request`: who asked for a breaking change does not approve it.
 * - `wrong_step`: the move is not at the step before.
 * - `successor_not_found`: there is no event type of that name.
 * - `invalid_draft`, `draft_too_large`, `too_many_drafts`: a draft cannot be kept.
 * - `wrong_kind`, `unsupported_api_version`: a text that should declare an event
 *   type is no document of its kind, or of another version.
 * - `yaml_too_complex`: reading it takes too long or too much memory. What else
 *   is wrong with a text of YAML has the codes of contracts (`invalid_yaml` and
 *   others; see `contracts/findings.ts`).
 * - `intake_failed`: taking in a declaration of the catalog broke off; the
 *   reason is in the message, and the next pass tries again.
 */
export type DeclarationProblemCode =
  | 'missing_property'
  | 'wrong_type'
  | 'unknown_property'
  | 'invalid_value'
  | 'invalid_event_type_name'
  | 'name_mismatch'
  | 'schema_source'
  | 'schema_too_complex'
  | 'owner_not_found'
  | 'system_not_found'
  | 'not_owner'
  | 'name_taken'
  | 'name_too_similar'
  | 'declared_in_catalog'
  | 'unsupported_namespace'
  | 'adoption_refused'
  | 'invalid_draft'
  | 'draft_too_large'
  | 'too_many_drafts'
  | 'changed_meanwhile'
  | 'retired'
  | 'withdrawn'
  | 'archived'
  | 'not_withdrawn'
  | 'removal_began'
  | 'columns_conflict'
  | 'unknown_version'
  | 'loosening_not_allowed'
  | 'not_breaking'
  | 'major_under_way'
  | 'no_major_request'
  | 'own_request'
  | 'wrong_step'
  | 'successor_not_found'
  | 'wrong_kind'
  | 'unsupported_api_version'
  | 'yaml_too_complex'
  | 'intake_failed';

/** Builds a problem whose code is of the closed list. */
export function problem(
  code: DeclarationProblemCode,
  pointer: string,
  message: string,
): DeclarationProblem {
  return { code, pointer, message };
}

function sentence(intro: string, problems: DeclarationProblem[]): string {
  const first = problems[0];
  const rest =
    problems.length > 1 ? ` (and ${problems.length - 1} more problems)` : '';
  return first ? `${intro}: ${first.message}${rest}` : intro;
}

/*
 * Each class keeps the `name` of the Backstage error it extends, since the
 * error middleware picks the HTTP status by name; `problems` is an own
 * enumerable property, so the middleware serialises it to the client.
 */

/** The declaration is wrong in itself. Status 400. */
export class InvalidDeclarationError extends InputError {
  constructor(readonly problems: DeclarationProblem[]) {
    super(sentence('The declaration is not valid', problems));
  }
}

/** The declaration does not go with what is registered. Status 409. */
export class DeclarationConflictError extends ConflictError {
  constructor(readonly problems: DeclarationProblem[]) {
    super(
      sentence('The declaration conflicts with what is registered', problems),
    );
  }
}

/** The caller may not act for the owner. Status 403. */
export class NotOwnerError extends NotAllowedError {
  constructor(readonly problems: DeclarationProblem[]) {
    super(sentence('Not allowed', problems));
  }
}

/**
 * No event type has the name. Status 404. `problems` says why, when there is a
 * declaration in the catalog that could not be taken in.
 */
export class EventTypeNotFoundError extends NotFoundError {
  constructor(eventType: string, readonly problems: DeclarationProblem[] = []) {
    super(
      problems.length
        ? sentence(
            `Event type '${eventType}' is declared in the catalog, but its declaration could not be taken in`,
            problems,
          )
        : `There is no event type '${eventType}'`,
    );
  }
}

/** The caller may see it, but may not do this. Status 403. */
export class ChangeNotAllowedError extends NotAllowedError {
  constructor(readonly problems: DeclarationProblem[]) {
    super(sentence('Not allowed', problems));
  }
}

/** An event type has no such version. Status 404. */
export class VersionNotFoundError extends NotFoundError {
  readonly problems: DeclarationProblem[];
  constructor(eventType: string, version: number) {
    const message = `Event type '${eventType}' has no version ${version}`;
    super(message);
    this.problems = [problem('unknown_version', '', message)];
  }
}

/** Too many schemas wait to be compiled. Status 503; ask again. */
export class SchemaCompilerBusyError extends ServiceUnavailableError {
  constructor() {
    super('Too many schemas are being compiled; try again in a moment');
  }
}

/** The problems an error carries, whichever of the above it is. */
export function problemsOf(error: unknown): DeclarationProblem[] | undefined {
  if (
    error instanceof InvalidDeclarationError ||
    error instanceof DeclarationConflictError ||
    error instanceof NotOwnerError
  ) {
    return error.problems;
  }
  return undefined;
}
