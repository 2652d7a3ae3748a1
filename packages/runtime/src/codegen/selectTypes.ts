import { CodegenEventType } from '@millrace/schema';
import { UsageError } from '../errors';

/**
 * The event types that a list of names and patterns names; `*` stands for any
 * text. All of them when there is no list.
 *
 * @throws UsageError `codegen_failed` when two have one name, or a name or
 * pattern fits none: a typing error must not make types disappear
 */
export function selectTypes(
  eventTypes: readonly CodegenEventType[],
  patterns: readonly string[] | undefined,
): CodegenEventType[] {
  const byName = new Map<string, CodegenEventType>();
  for (const eventType of eventTypes) {
    if (byName.has(eventType.name)) {
      throw new UsageError(
        'codegen_failed',
        `Two declarations are called ${eventType.name}.`,
        'Leave one of them away.',
      );
    }
    byName.set(eventType.name, eventType);
  }
  if (!patterns) {
    return [...byName.values()];
  }
  const selected = new Set<CodegenEventType>();
  for (const pattern of patterns) {
    const fitting = eventTypes.filter(({ name }) => fits(name, pattern));
    if (fitting.length === 0) {
      throw new UsageError(
        'codegen_failed',
        `No event type fits '${pattern}'.`,
        `Give names or patterns to --types; there are ${byName.size} event types to choose from.`,
      );
    }
    fitting.forEach(eventType => selected.add(eventType));
  }
  return [...selected];
}

/** Without a regular expression: each piece has to follow the one before. */
function fits(name: string, pattern: string): boolean {
  const [first, ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) {
    return name === pattern;
  }
  if (!name.startsWith(first)) {
    return false;
  }
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) {
      return false;
    }
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
