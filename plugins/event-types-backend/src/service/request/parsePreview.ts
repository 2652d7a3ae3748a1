import {
  type EventSchema,
  importJsonSchema,
  inferSchema,
} from '@millrace/schema';
import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import { problem } from '../../errors';
import { parseBody } from './parseBody';
import {
  type Parsed,
  catchSchemaError,
  parseFields,
  parseName,
  parseSchema,
} from '../../registry';
import { parseSimpleFields } from './simpleFields';

const SOURCES = ['samples', 'fields', 'schema', 'jsonSchema'] as const;

/** More samples than this teach nothing new and cost time. */
const MAX_SAMPLES = 1000;

function parseSamples(value: unknown, name: string): Parsed<EventSchema> {
  if (!Array.isArray(value) || !value.length || value.length > MAX_SAMPLES) {
    return {
      problems: [
        problem(
          'invalid_value',
          '/samples',
          `Samples must be a list of 1 to ${MAX_SAMPLES} events`,
        ),
      ],
    };
  }
  return catchSchemaError('/samples', () => inferSchema(value, { name }));
}

/**
 * Builds the schema a preview asks for. A preview is asked while somebody is
 * still typing, so whatever is wrong is an answer and not an error.
 *
 * @throws InvalidDeclarationError only when the body is no JSON object
 */
export function parsePreview(input: unknown): {
  schema?: EventSchema;
  problems: DeclarationProblem[];
} {
  const { body, problems } = parseBody(input, ['name', ...SOURCES]);
  const parsedName = parseName(body.name, '/name');
  const name = parsedName.value ?? 'unnamed';
  problems.push(...parsedName.problems);

  const given = SOURCES.filter(source => body[source] !== undefined);
  if (given.length !== 1) {
    problems.push(
      problem('schema_source', '', `Give exactly one of ${SOURCES.join(', ')}`),
    );
    return { problems };
  }

  let parsed: Parsed<EventSchema>;
  switch (given[0]) {
    case 'samples':
      parsed = parseSamples(body.samples, name);
      break;
    case 'fields': {
      const fields = parseSimpleFields(body.fields, '/fields');
      parsed = fields.value
        ? parseFields(fields.value, { name })
        : { problems: fields.problems };
      break;
    }
    case 'jsonSchema':
      parsed = catchSchemaError('/jsonSchema', () =>
        importJsonSchema(body.jsonSchema, { name }),
      );
      break;
    default:
      parsed = parseSchema(body.schema, '/schema');
  }
  return {
    schema: parsed.value,
    problems: [...problems, ...parsed.problems],
  };
}
