import { createHash } from 'node:crypto';
import { ConfigSnapshot, SnapshotIntegrity } from '../../types';

/** What a config snapshot says, without its number. @public */
export type SnapshotContent = Pick<
  ConfigSnapshot,
  'bucketSeconds' | 'eventTypes' | 'writeKeys'
>;

/**
 * The content as canonical JSON: names of an object in the order of their code
 * units, types by name, keys by id. It comes in pieces, about one per event
 * type, so that who hashes thousands of types can do other things between.
 */
export function* canonicalPieces(content: SnapshotContent): Generator<string> {
  const eventTypes = sortedBy(content.eventTypes, type => type.name);
  const writeKeys = sortedBy(content.writeKeys, key => key.keyId).map(key => ({
    ...key,
    eventTypes: key.eventTypes && [...key.eventTypes].sort(compare),
  }));
  yield `{"bucketSeconds":${JSON.stringify(content.bucketSeconds)}`;
  yield ',"eventTypes":[';
  yield* listPieces(eventTypes);
  yield '],"writeKeys":[';
  yield* listPieces(writeKeys);
  yield ']}';
}

/** The content as text, and what a reader checks it by. */
export function encodeContent(content: SnapshotContent): {
  text: string;
  integrity: SnapshotIntegrity;
} {
  const text = [...canonicalPieces(content)].join('');
  return {
    text,
    integrity: {
      contentHash: createHash('sha256').update(text).digest('hex'),
      eventTypeCount: content.eventTypes.length,
      writeKeyCount: content.writeKeys.length,
    },
  };
}

/**
 * Whether a snapshot is exactly what was published: every type and key is there,
 * and nothing in it was changed on the way or on a disk. Gives the part that is
 * wrong, or `undefined` when all is well. One without `integrity`, of an earlier
 * release, cannot be checked and is told as such.
 *
 * The check is done in steps, one per `next`, to be spread over time.
 *
 * @public
 */
export function* checkSnapshot(
  snapshot: ConfigSnapshot,
): Generator<void, string | undefined> {
  const { integrity, eventTypes, writeKeys } = snapshot;
  if (!integrity) {
    return 'it carries no checksum';
  }
  if (eventTypes.length !== integrity.eventTypeCount) {
    return `it has ${eventTypes.length} event types of ${integrity.eventTypeCount}`;
  }
  if (writeKeys.length !== integrity.writeKeyCount) {
    return `it has ${writeKeys.length} write keys of ${integrity.writeKeyCount}`;
  }
  const hash = createHash('sha256');
  for (const piece of canonicalPieces(snapshot)) {
    hash.update(piece);
    yield;
  }
  return hash.digest('hex') === integrity.contentHash
    ? undefined
    : 'its content does not have the checksum it was published with';
}

/** {@link checkSnapshot} in one go. */
export function isWhole(snapshot: ConfigSnapshot): boolean {
  const steps = checkSnapshot(snapshot);
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value === undefined;
    }
  }
}

function* listPieces(items: readonly object[]): Generator<string> {
  let separator = '';
  for (const item of items) {
    yield separator + textOf(item);
    separator = ',';
  }
}

/** Of what can never change: schemas, mostly, which are nearly all there is. */
const frozenTexts = new WeakMap<object, string>();

/**
 * An object as canonical JSON. What it holds that is frozen through and through
 * is written once: who publishes asks every few seconds whether anything has
 * changed, and of thousands of schemas hardly ever more than one has.
 */
function textOf(item: object): string {
  const members = Object.entries(item)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => compare(a, b))
    .map(([key, value]) => `${JSON.stringify(key)}:${valueText(value)}`);
  return `{${members.join(',')}}`;
}

function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value);
  }
  let text = frozenTexts.get(value);
  if (text === undefined) {
    text = JSON.stringify(sortKeys(value));
    if (isFrozenThrough(value)) {
      frozenTexts.set(value, text);
    }
  }
  return text;
}

function isFrozenThrough(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozenThrough))
  );
}

function sortedBy<T>(items: readonly T[], by: (item: T) => string): T[] {
  return [...items].sort((a, b) => compare(by(a), by(b)));
}

function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

/** JSON with the same meaning must hash the same, whatever its key order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sortKeys);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => compare(a, b))
        .map(([key, inner]) => [key, sortKeys(inner)]),
    );
  }
  return value;
}
