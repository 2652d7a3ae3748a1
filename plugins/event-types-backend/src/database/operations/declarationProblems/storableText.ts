const MAX_KEY_LENGTH = 300;

/**
 * A text of an entity as a key of a table: Postgres stores no NUL, and indexes no
 * text of any length. The catalog lets neither through; what calls itself one is
 * not to hold up the others.
 */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').slice(0, MAX_KEY_LENGTH);
}
