import { uuidv7 } from 'uuidv7';
import { AdaptedEvent, inspectJson, measureJson } from '../intake';
import { JsonPart } from './jsonPart';

/** What keeps an adapter from making an event of a call. */
export type AdaptingProblem = NonNullable<AdaptedEvent['problem']>;

/**
 * An id for an event whose sender gave none. It says of itself, in the lake
 * too, that a repeat of the event cannot be recognised: `_id LIKE 'minted-%'`.
 */
export function mintId(): string {
  return `minted-${uuidv7()}`;
}

/**
 * The event, or what keeps it from being one.
 *
 * If it is refused, what is kept is the event that it would have been: that can
 * be given a type, mended and replayed. Only a text that an event would not be
 * true to is kept as it came.
 *
 * @param textProblem - why the event would not be true to the text
 */
export function adapted(
  value: object,
  sentText: () => string,
  textProblem: AdaptingProblem | undefined,
  unmapped: AdaptingProblem | undefined,
): AdaptedEvent {
  return textProblem
    ? { value, raw: sentText(), problem: textProblem }
    : { value, raw: JSON.stringify(value), problem: unmapped };
}

/** A text that says something; everything else is as good as absent. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * What would go wrong, or be lost, if a part went through a JSON parser on its
 * way: the same checks an event meets that comes without an adapter, made on
 * the text as it came.
 */
export function problemOfText(
  { bytes, start, end }: JsonPart,
  maxDepth: number,
): AdaptingProblem | undefined {
  return measureJson(bytes, start, end).depth > maxDepth
    ? {
        reason: 'too_deep',
        message: `It is nested more than ${maxDepth} levels deep`,
      }
    : inspectJson(bytes, start, end);
}
