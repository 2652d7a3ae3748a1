import type { EventSchema } from '@millrace/schema';
import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import type { SchemaCompiler } from '../../compiling';
import { problem } from '../../errors';
import { parseBody } from './parseBody';
import { type Parsed, parseName, parseSchema } from '../../registry';
import { parseSimpleFields } from './simpleFields';

const SOURCES = ['samples', 'fields', 'schema', 'jsonSchema'] as const;

/** More samples than this teach nothing new and cost time. */
const MAX_SAMPLES = 1000;

type Body = { [key in (typeof SOURCES)[number]]?: unknown };

/**
 * Builds the schema a preview asks for. A preview is asked while somebody is
 * still typing, so whatever is wrong is an answer and not an error.
 *
 * @throws InvalidDeclarationError only when the body is no JSON object
 * @throws SchemaCompilerBusyError
 */
export async function parsePreview(
  input: unknown,
  compiler: SchemaCompiler,
): Promise<{
  schema?: EventSchema;
  problems: DeclarationProblem[];
}> {
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
  const parsed = await parseSource(given[0], body, name, compiler);
  return {
    schema: parsed.value,
    problems: [...problems, ...parsed.problems],
  };
}

async function parseSource(
  source: (typeof SOURCES)[number],
  body: Body,
  name: string,
  compiler: SchemaCompiler,
): Promise<Parsed<EventSchema>> {
  switch (source) {
    case 'samples': {
      const { samples } = body;
      return isSampleList(samples)
        ? parseSchema({ kind: 'samples', name, samples }, '/samples', compiler)
        : {
            problems: [
              problem(
                'invalid_value',
                '/samples',
                `Samples must be a list of 1 to ${MAX_SAMPLES} events`,
              ),
            ],
          };
    }
    case 'fields': {
      const { value: fields, problems } = parseSimpleFields(
        body.fields,
        '/fields',
      );
      return fields
        ? parseSchema({ kind: 'fields', name, fields }, '', compiler)
        : { problems };
    }
    case 'jsonSchema':
      return parseSchema(
        { kind: 'jsonSchema', name, document: body.jsonSchema },
        '/jsonSchema',
        compiler,
      );
    default:
      return parseSchema(
        { kind: 'avro', schema: body.schema },
        '/schema',
        compiler,
      );
  }
}

function isSampleList(value: unknown): value is unknown[] {
  return (
    Array.isArray(value) && value.length > 0 && value.length <= MAX_SAMPLES
  );
}
