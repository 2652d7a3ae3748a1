import type { EventSchema } from '@millrace/schema';
import { InvalidDeclarationError, problem } from '../../errors';
import type { ParsedDeclaration } from '../../registry';
import { parseBody } from './parseBody';
import {
  type Parsed,
  parseDescription,
  parseFields,
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

function parseSchemaSource(
  body: { schema?: unknown; fields?: unknown },
  name: string | undefined,
): Parsed<EventSchema> {
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
    return parseSchema(body.schema, '/schema');
  }
  const fields = parseSimpleFields(body.fields, '/fields');
  return fields.value
    ? // A bad name is a problem of its own; the fields can be judged without.
      parseFields(fields.value, { name: name ?? 'unnamed' })
    : { problems: fields.problems };
}

/**
 * The body of a registration or change.
 *
 * @param pathName - the event type the path names; the body may then leave the
 * name out, and must not give another
 * @throws InvalidDeclarationError with every problem found
 */
export function parseRegistration(
  input: unknown,
  options?: { pathName: string },
): ParsedDeclaration {
  const { body, problems: shapeProblems } = parseBody(input, PROPERTIES);
  const pathName = options?.pathName;

  const name = parseName(body.name ?? pathName, '/name');
  const owner = parseOwner(body.owner, '/owner');
  const tier = parseTier(body.tier, '/tier');
  const description = parseDescription(body.description, '/description');
  const schema = parseSchemaSource(body, name.value);

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
