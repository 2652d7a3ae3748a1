import type { Entity } from '@backstage/catalog-model';
import { readEntityHead, sourcePointer } from '@millrace/schema';
import type { SchemaCompiler } from '../compiling';
import { InvalidDeclarationError } from '../errors';
import {
  type ParsedDeclaration,
  parseAvroSchema,
  parseName,
  parseOwner,
} from '../registry';
import type { ReadRegistration } from '../service/request';

const SCHEMA_POINTER = '/spec/schema';

/**
 * Reads the declaration out of an entity of kind EventType. Without
 * `spec.tier` the tier is normal. Pointers are into the entity.
 *
 * @param options - `retentionClasses`: the ids there are
 * @throws InvalidDeclarationError with every problem found
 * @throws SchemaCompilerBusyError
 */
export async function parseDeclaration(
  entity: Entity,
  compiler: SchemaCompiler,
  options: { retentionClasses?: readonly string[] } = {},
): Promise<ParsedDeclaration> {
  const { declaration, problems } = await readDeclaration(
    entity,
    compiler,
    options,
  );
  if (problems.length || !declaration) {
    throw new InvalidDeclarationError(problems);
  }
  return declaration;
}

/**
 * The same without refusing it: as far as it can be read, with every problem
 * found.
 *
 * @param entity - plain data of any shape
 * @throws SchemaCompilerBusyError
 */
export async function readDeclaration(
  entity: unknown,
  compiler: SchemaCompiler,
  options: { retentionClasses?: readonly string[] } = {},
): Promise<ReadRegistration> {
  const source = within(entity, 'spec', 'schema');
  const head = readEntityHead(entity, options);
  const schema = await parseAvroSchema(source, SCHEMA_POINTER, compiler);
  const isComplete = head.value !== undefined && schema.value !== undefined;
  return {
    name: parseName(within(entity, 'metadata', 'name'), '').value,
    owner: parseOwner(within(entity, 'spec', 'owner'), '').value,
    schema: schema.value,
    problems: [...head.problems, ...schema.problems],
    locate: pointer => `${SCHEMA_POINTER}${sourcePointer(source, pointer)}`,
    ...(isComplete && {
      declaration: {
        ...head.value!,
        schema: schema.value!,
        pointers: {
          name: '/metadata/name',
          description: '/metadata/description',
          schema: SCHEMA_POINTER,
        },
      },
    }),
  };
}

function within(entity: unknown, part: string, key: string): unknown {
  const inside = ownOf(entity, part);
  return ownOf(inside, key);
}

function ownOf(value: unknown, key: string): unknown {
  return typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}
