import {
  SIMPLE_FIELD_TYPES,
  type SimpleField,
} from '@millrace/plugin-event-types-common';
import { z } from 'zod';
import { type DeclarationProblemCode, problem } from '../../errors';
import type { Parsed } from '../../registry';

const simpleFieldsSchema = z.array(
  z.strictObject({
    name: z.string(),
    type: z.enum(SIMPLE_FIELD_TYPES),
    required: z.boolean(),
    doc: z.string().optional(),
    semanticType: z.string().optional(),
  }),
);

function toPointer(path: PropertyKey[]): string {
  return path
    .map(key => String(key).replaceAll('~', '~0').replaceAll('/', '~1'))
    .map(key => `/${key}`)
    .join('');
}

function codeOf(issue: z.core.$ZodIssue): DeclarationProblemCode {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'missing_property' : 'wrong_type';
    case 'unrecognized_keys':
      return 'unknown_property';
    default:
      return 'invalid_value';
  }
}

/** The shape of a simple field list; whether names are good is told later. */
export function parseSimpleFields(
  value: unknown,
  pointer: string,
): Parsed<SimpleField[]> {
  const result = simpleFieldsSchema.safeParse(value, { reportInput: true });
  if (result.success) {
    return { value: result.data, problems: [] };
  }
  return {
    problems: result.error.issues.map(issue =>
      problem(
        codeOf(issue),
        `${pointer}${toPointer(issue.path)}`,
        issue.message,
      ),
    ),
  };
}
