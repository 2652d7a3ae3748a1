import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import { InvalidDeclarationError, problem } from '../../errors';

/**
 * A request body as an object of known properties, all still unparsed.
 *
 * @throws InvalidDeclarationError when the body is no JSON object at all
 */
export function parseBody<K extends string>(
  input: unknown,
  properties: readonly K[],
): { body: { [key in K]?: unknown }; problems: DeclarationProblem[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidDeclarationError([
      problem('wrong_type', '', 'The request body must be a JSON object'),
    ]);
  }
  const known = new Set<string>(properties);
  const body: { [key in K]?: unknown } = {};
  for (const key of properties) {
    if (Object.hasOwn(input, key)) {
      body[key] = Reflect.get(input, key);
    }
  }
  return {
    body,
    problems: Object.keys(input)
      .filter(key => !known.has(key))
      .map(key =>
        problem(
          'unknown_property',
          `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          'There is no such property',
        ),
      ),
  };
}
