import type {
  DeclarationProblem,
  PrivacyFinding,
} from '@millrace/plugin-event-types-common';
import { type EventSchema, findPersonalFields } from '@millrace/schema';
import type { SchemaCompiler } from '../../compiling';
import { parseName } from '../../registry';
import { parseBody } from './parseBody';
import { parseSource } from './parseSource';

const SOURCES = ['samples', 'fields', 'schema', 'jsonSchema'] as const;

/**
 * Builds the schema a preview asks for. A preview is asked while somebody is
 * still typing, so whatever is wrong is an answer and not an error. Samples may
 * come with another source, and are then what fields are judged by.
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
  privacy: PrivacyFinding[];
  samples?: readonly unknown[];
  isBare?: boolean;
}> {
  const { body, problems } = parseBody(input, ['name', ...SOURCES]);
  const name = parseName(body.name, '/name');
  const source = await parseSource(body, name.value, SOURCES, {
    compile: given => compiler.compile(given, { isPreview: true }),
  });
  const { value: schema, samples, isBare } = source;
  return {
    schema,
    problems: [...problems, ...name.problems, ...source.problems],
    privacy: schema ? findPersonalFields(schema, { samples }) : [],
    samples,
    isBare,
  };
}
