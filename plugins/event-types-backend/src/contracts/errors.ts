import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type { Finding } from './findings';

const CONTRADICTIONS = new Set([
  'schema_object_missing',
  'field_unknown',
  'field_type_differs',
  'field_required_differs',
]);

function sentence(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const line = first?.line === undefined ? '' : `line ${first.line}: `;
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${line}${first?.message ?? 'it cannot be read'}${rest}`;
}

/** The contract cannot be read. Status 400; `problems` has the findings. */
export class UnreadableContractError extends InputError {
  constructor(readonly problems: readonly Finding[]) {
    super(`The contract cannot be read: ${sentence(problems)}`);
  }
}

/**
 * The contract contradicts the registered schema, and was not kept. Status 409;
 * `problems` has the findings.
 */
export class ContradictingContractError extends ConflictError {
  constructor(readonly problems: readonly Finding[]) {
    super(
      `The contract contradicts the registered event type: ${sentence(
        problems,
      )}`,
    );
  }
}

/** There is no imported contract. Status 404. */
export class NoImportedContractError extends NotFoundError {
  constructor(eventType: string) {
    super(`No contract was imported for event type '${eventType}'`);
  }
}

/** Why a contract with errors is not kept. */
export function refusalOf(findings: readonly Finding[]): Error {
  const isReadable = findings.every(
    ({ code, severity }) => severity !== 'error' || CONTRADICTIONS.has(code),
  );
  return isReadable
    ? new ContradictingContractError(findings)
    : new UnreadableContractError(findings);
}
