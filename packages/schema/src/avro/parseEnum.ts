import { isAvroName } from './names';
import { ParseContext, ParsedType, Position, report } from './parseContext';
import { parseDefinitionName } from './parseDefinitionName';
import { AvroEnum } from './types';

export function parseEnum(
  context: ParseContext,
  input: Record<string, unknown>,
  at: Position,
): ParsedType | undefined {
  const named = parseDefinitionName(context, input, at);
  if (!named) {
    return undefined;
  }
  const { symbols, doc, default: fallback } = input;
  if (
    !Array.isArray(symbols) ||
    symbols.length === 0 ||
    !symbols.every(isAvroName) ||
    new Set(symbols).size !== symbols.length
  ) {
    return report(
      context,
      'invalid_symbols',
      at.pointer,
      'An enum has a list of symbols, all different, each made of letters, digits and underscores; use string for other values',
    );
  }
  if (fallback !== undefined && !symbols.some(symbol => symbol === fallback)) {
    return report(
      context,
      'invalid_default',
      at.pointer,
      'The default of an enum is one of its symbols',
    );
  }
  context.definitions.set(named.fullName, { fields: 0, height: 0, symbols });
  const type: AvroEnum = {
    type: 'enum',
    name: named.name,
    ...(named.namespace !== undefined && { namespace: named.namespace }),
    ...(typeof doc === 'string' && { doc }),
    symbols: [...symbols],
    ...(fallback !== undefined && { default: fallback as string }),
  };
  return { type, fields: 0, height: 0 };
}
