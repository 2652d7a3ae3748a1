import { InvalidDeclarationError, problem } from '../../errors';

/**
 * The generation that a change is based on, from the header `If-Match`, such as
 * `"12"`. Without it, or with `*`, a change is made upon whatever is in force.
 *
 * @throws InvalidDeclarationError
 */
export function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') {
    return undefined;
  }
  const generation = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (generation === undefined) {
    throw new InvalidDeclarationError([
      problem(
        'invalid_value',
        '',
        'The header If-Match must hold a generation in quotes, such as "12"',
      ),
    ]);
  }
  return Number(generation);
}
