/*
 * The naming rule of event types, the same as the backend's: lower case only,
 * so that no two names differ by case alone, and safe as a path, a topic and an
 * entity name.
 */
const NAME = /^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/;
const MIN_LENGTH = 3;
const MAX_LENGTH = 63;

/** What is wrong with the name of an event type, in words; undefined if good. */
export function eventTypeNameProblem(name: string): string | undefined {
  if (NAME.test(name)) {
    if (name.length < MIN_LENGTH) {
      return `At least ${MIN_LENGTH} characters.`;
    }
    return name.length > MAX_LENGTH
      ? `At most ${MAX_LENGTH} characters; these are ${name.length}.`
      : undefined;
  }
  if (!name) {
    return 'Give the event type a name.';
  }
  if (/[A-Z]/.test(name)) {
    return `Lower case only, such as ${name.toLocaleLowerCase('en-US')}.`;
  }
  if (/\s/.test(name)) {
    return `No spaces; join words by a dot, a dash or an underscore.`;
  }
  if (!/^[a-z]/.test(name)) {
    return 'The first character must be a letter.';
  }
  if (/[^a-z0-9._-]/.test(name)) {
    return 'Letters, digits, dots, dashes and underscores only.';
  }
  return 'A dot, dash or underscore stands alone between letters or digits.';
}
