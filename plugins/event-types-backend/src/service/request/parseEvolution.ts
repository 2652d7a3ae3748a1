import type {
  CompatibilityMode,
  DeclarationProblem,
  DeprecationRequest,
} from '@millrace/plugin-event-types-common';
import { COMPATIBILITY_MODES, type EventSchema } from '@millrace/schema';
import type { SchemaCompiler } from '../../compiling';
import { InvalidDeclarationError, problem } from '../../errors';
import { type Parsed, parseAvroSchema, parseName } from '../../registry';
import { parseBody } from './parseBody';

const MAX_TEXT_LENGTH = 2000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function assertNone(problems: DeclarationProblem[]): void {
  if (problems.length) {
    throw new InvalidDeclarationError(problems);
  }
}

/** A text people read: not empty, not endless, and storable. */
function parseText(value: unknown, pointer: string): Parsed<string> {
  if (value === undefined) {
    return {
      problems: [problem('missing_property', pointer, 'It is missing')],
    };
  }
  if (
    typeof value !== 'string' ||
    value.trim() === '' ||
    value.length > MAX_TEXT_LENGTH ||
    value.includes('\0')
  ) {
    return {
      problems: [
        problem(
          'invalid_value',
          pointer,
          `It must be a text of 1 to ${MAX_TEXT_LENGTH} characters`,
        ),
      ],
    };
  }
  return { value: value.trim(), problems: [] };
}

function parseOptionalText(
  value: unknown,
  pointer: string,
): Parsed<string | undefined> {
  return value === undefined || value === ''
    ? { problems: [] }
    : parseText(value, pointer);
}

/**
 * The body of `PUT …/compatibility`.
 *
 * @throws InvalidDeclarationError
 */
export function parseMode(input: unknown): CompatibilityMode {
  const { body, problems } = parseBody(input, ['mode']);
  const mode = COMPATIBILITY_MODES.find(each => each === body.mode);
  if (!mode) {
    problems.push(
      problem(
        body.mode === undefined ? 'missing_property' : 'invalid_value',
        '/mode',
        `The mode must be one of ${COMPATIBILITY_MODES.join(', ')}`,
      ),
    );
  }
  assertNone(problems);
  return mode!;
}

/**
 * The body of `PUT …/deprecation`.
 *
 * @throws InvalidDeclarationError
 */
export function parseDeprecation(input: unknown): DeprecationRequest {
  const { body, problems } = parseBody(input, [
    'message',
    'endsOn',
    'successor',
  ]);
  const message = parseText(body.message, '/message');
  problems.push(...message.problems);
  const { endsOn, successor } = body;
  if (endsOn !== undefined && !isDay(endsOn)) {
    problems.push(
      problem(
        'invalid_value',
        '/endsOn',
        'The last day must be a date such as 2026-12-31',
      ),
    );
  }
  if (successor !== undefined) {
    problems.push(...parseName(successor, '/successor').problems);
  }
  assertNone(problems);
  return {
    message: message.value ?? '',
    ...(endsOn !== undefined && { endsOn: String(endsOn) }),
    ...(successor !== undefined && { successor: String(successor) }),
  };
}

function isDay(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    DAY.test(value) &&
    new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true
  );
}

/**
 * The body of `POST …/versions`.
 *
 * @throws InvalidDeclarationError
 * @throws SchemaCompilerBusyError
 */
export async function parseNextVersion(
  input: unknown,
  compiler: SchemaCompiler,
): Promise<EventSchema> {
  const { body, problems } = parseBody(input, ['schema']);
  const schema = await parseAvroSchema(body.schema, '/schema', compiler);
  problems.push(...schema.problems);
  if (schema.value === undefined) {
    throw new InvalidDeclarationError(problems);
  }
  assertNone(problems);
  return schema.value;
}

/**
 * The body of `POST …/majors`.
 *
 * @throws InvalidDeclarationError
 * @throws SchemaCompilerBusyError
 */
export async function parseMajorRequest(
  input: unknown,
  compiler: SchemaCompiler,
): Promise<{ reason: string; schema: EventSchema }> {
  const { body, problems } = parseBody(input, ['reason', 'schema']);
  const reason = parseText(body.reason, '/reason');
  const schema = await parseAvroSchema(body.schema, '/schema', compiler);
  problems.push(...reason.problems, ...schema.problems);
  if (reason.value === undefined || schema.value === undefined) {
    throw new InvalidDeclarationError(problems);
  }
  assertNone(problems);
  return { reason: reason.value, schema: schema.value };
}

/**
 * The body of `POST …/majors/decision`.
 *
 * @throws InvalidDeclarationError
 */
export function parseDecision(input: unknown): {
  isApproved: boolean;
  note?: string;
} {
  const { body, problems } = parseBody(input, ['isApproved', 'note']);
  const note = parseOptionalText(body.note, '/note');
  problems.push(...note.problems);
  if (typeof body.isApproved !== 'boolean') {
    problems.push(
      problem(
        body.isApproved === undefined ? 'missing_property' : 'wrong_type',
        '/isApproved',
        'Say true to approve and false to refuse',
      ),
    );
  }
  assertNone(problems);
  return { isApproved: body.isApproved === true, note: note.value };
}

/**
 * The body of `POST …/majors/steps`.
 *
 * @throws InvalidDeclarationError
 */
export function parseStep(input: unknown): {
  step: 'consumers-moved' | 'retired';
  note?: string;
} {
  const { body, problems } = parseBody(input, ['step', 'note']);
  const note = parseOptionalText(body.note, '/note');
  problems.push(...note.problems);
  const { step } = body;
  if (step !== 'consumers-moved' && step !== 'retired') {
    throw new InvalidDeclarationError([
      ...problems,
      problem(
        'invalid_value',
        '/step',
        'The step must be one of consumers-moved, retired',
      ),
    ]);
  }
  assertNone(problems);
  return { step, note: note.value };
}

/**
 * A version number in a path; `undefined` when it is none, so that no version
 * has it.
 */
export function parseVersionNumber(text: string): number | undefined {
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined;
}

/**
 * The body of `PUT …/withdrawal`.
 *
 * @throws InvalidDeclarationError
 */
export function parseWithdrawal(input: unknown): { reason: string } {
  const { body, problems } = parseBody(input, ['reason']);
  const reason = parseText(body.reason, '/reason');
  problems.push(...reason.problems);
  if (reason.value === undefined) {
    throw new InvalidDeclarationError(problems);
  }
  assertNone(problems);
  return { reason: reason.value };
}
