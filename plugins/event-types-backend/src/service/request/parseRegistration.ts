import type { EventSchema } from '@millrace/schema';
import type { SchemaCompiler } from '../../compiling';
import { InvalidDeclarationError, problem } from '../../errors';
import type { ParsedDeclaration } from '../../registry';
import { parseBody } from './parseBody';
import {
  type Parsed,
  parseAvroSchema,
  parseDescription,
  parseName,
  parseOwner,
  parseSchema,
  parseTier,
} from '../../registry';
import { parseSimpleFields } from './simpleFields';

const PROPERTIES = [
  'name',
  'description',
  'owner',
  'tier',
  'schema',
  'fields',
] as const;

async function parseSchemaSource(
  body: { schema?: unknown; fields?: unknown },
  name: string | undefined,
  compiler: SchemaCompiler,
): Promise<Parsed<EventSchema>> {
  if ((body.schema === undefined) === (body.fields === undefined)) {
    return {
      problems: [
        problem(
          'schema_source',
          '/schema',
          'Give the schema either as an Avro record in `schema` or as a list in `fields`',
        ),
      ],
    };
  }
  if (body.fields === undefined) {
    return await parseAvroSchema(body.schema, '/schema', compiler);
  }
  const { value: fields, problems } = parseSimpleFields(body.fields, '/fields');
  // Field number N of the list becomes field number N of the record, so
  // pointers into the record fit the list as well. A bad name is a problem of
  // its own; the fields can be judged without.
  return fields
    ? await parseSchema(
        { kind: 'fields', name: name ?? 'unnamed', fields },
        '',
        compiler,
      )
    : { problems };
}

/**
 * The body of a registration or change.
 *
 * @param pathName - the event type the path names; the body may then leave the
 * name out, and must not give another
 * @throws InvalidDeclarationError with every problem found
 * @throws SchemaCompilerBusyError
 */
export async function parseRegistration(
  input: unknown,
  options: { pathName?: string; compiler: SchemaCompiler },
): Promise<ParsedDeclaration> {
  const { body, problems: shapeProblems } = parseBody(input, PROPERTIES);
  const { pathName, compiler } = options;

  const name = parseName(body.name ?? pathName, '/name');
  const owner = parseOwner(body.owner, '/owner');
  const tier = parseTier(body.tier, '/tier');
  const description = parseDescription(body.description, '/description');
  const schema = await parseSchemaSource(body, name.value, compiler);

  const problems = [
    ...shapeProblems,
    ...[name, owner, tier, description, schema].flatMap(part => part.problems),
  ];
  if (
    pathName !== undefined &&
    name.value !== undefined &&
    name.value !== pathName
  ) {
    problems.push(
      problem(
        'name_mismatch',
        '/name',
        `An event type keeps its name: the path says '${pathName}', the body '${name.value}'`,
      ),
    );
  }
  if (
    problems.length ||
    name.value === undefined ||
    owner.value === undefined ||
    tier.value === undefined ||
    schema.value === undefined
  ) {
    throw new InvalidDeclarationError(problems);
  }
  return {
    name: name.value,
    description: description.value,
    owner: owner.value,
    tier: tier.value,
    schema: schema.value,
  };
}
