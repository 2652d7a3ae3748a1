/** More words than anybody types would only be work for the database. */
const MAX_WORDS = 10;

/**
 * The words of a search as patterns of `like`: each occurs anywhere, and stands
 * for nothing but itself.
 */
export function likePatterns(text: string | undefined): string[] {
  return (text ?? '')
    .split(/\s/)
    .filter(Boolean)
    .slice(0, MAX_WORDS)
    .map(word => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
}
