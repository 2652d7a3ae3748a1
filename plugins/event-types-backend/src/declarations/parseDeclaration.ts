import { DEFAULT_NAMESPACE, type Entity } from '@backstage/catalog-model';
import type { EventTypeEntity } from '@millrace/plugin-event-types-common';
import type { SchemaCompiler } from '../compiling';
import { InvalidDeclarationError, problem } from '../errors';
import type { ParsedDeclaration } from '../registry';
import { parseAvroSchema, parseName, parseOwner, parseTier } from '../registry';

/**
 * Reads the declaration out of an entity of kind EventType. Without
 * `spec.tier` the tier is normal. Pointers are into the entity.
 *
 * @throws InvalidDeclarationError with every problem found
 * @throws SchemaCompilerBusyError
 */
export async function parseDeclaration(
  entity: Entity,
  compiler: SchemaCompiler,
): Promise<ParsedDeclaration> {
  const spec: Partial<EventTypeEntity['spec']> = entity.spec ?? {};
  const namespace = entity.metadata.namespace ?? DEFAULT_NAMESPACE;

  const name = parseName(entity.metadata.name, '/metadata/name');
  const owner = parseOwner(spec.owner, '/spec/owner');
  const tier = parseTier(spec.tier ?? 'normal', '/spec/tier');
  const schema = await parseAvroSchema(spec.schema, '/spec/schema', compiler);
  const problems = [name, owner, tier, schema].flatMap(part => part.problems);

  if (namespace !== DEFAULT_NAMESPACE) {
    problems.unshift(
      problem(
        'unsupported_namespace',
        '/metadata/namespace',
        `Event types are known by name alone, so they belong in the namespace '${DEFAULT_NAMESPACE}', not '${namespace}'`,
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
    description: entity.metadata.description || undefined,
    owner: owner.value,
    tier: tier.value,
    schema: schema.value,
  };
}
