import type { Entity } from '@backstage/catalog-model';
import { readEntityHead } from '@millrace/schema';
import type { SchemaCompiler } from '../compiling';
import { InvalidDeclarationError } from '../errors';
import { type ParsedDeclaration, parseAvroSchema } from '../registry';

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
  const source = entity.spec?.schema;
  const head = readEntityHead(entity, options);
  const schema = await parseAvroSchema(source, SCHEMA_POINTER, compiler);
  const problems = [...head.problems, ...schema.problems];
  if (
    problems.length ||
    head.value === undefined ||
    schema.value === undefined
  ) {
    throw new InvalidDeclarationError(problems);
  }
  return {
    ...head.value,
    schema: schema.value,
    pointers: {
      name: '/metadata/name',
      description: '/metadata/description',
      schema: SCHEMA_POINTER,
    },
  };
}
