import { fullName, isAvroName, isAvroTypeName } from './names';
import { ParseContext, Position, report } from './parseContext';

/** A definition's name, split as Avro does: dots in the name set the namespace. */
export interface DefinitionName {
  name: string;
  /** Written down only when the definition itself sets one. */
  namespace: string | undefined;
  /** What references inside the definition are relative to. */
  effectiveNamespace: string | undefined;
  fullName: string;
}

export function parseDefinitionName(
  context: ParseContext,
  input: Record<string, unknown>,
  at: Position,
): DefinitionName | undefined {
  const parts = typeof input.name === 'string' ? input.name.split('.') : [];
  const name = parts.pop();
  const namespace = parts.length > 0 ? parts.join('.') : input.namespace;
  if (
    !isAvroName(name) ||
    isAvroTypeName(name) ||
    (namespace !== undefined &&
      (typeof namespace !== 'string' ||
        !namespace.split('.').every(isAvroName)))
  ) {
    return report(
      context,
      'invalid_name',
      at.pointer,
      'A record or enum has a name made of letters, digits and underscores that is not the name of an Avro type',
    );
  }
  const effectiveNamespace = namespace ?? at.namespace;
  const full = fullName(name, effectiveNamespace);
  if (context.definitions.has(full) || context.open.has(full)) {
    return report(
      context,
      'duplicate_name',
      at.pointer,
      'Another record or enum has this name; refer to it by name or choose another',
    );
  }
  return { name, namespace, effectiveNamespace, fullName: full };
}
