/*
 * JSON as it was written.
 *
 * A fix changes what it names and nothing else. `JSON.parse` and
 * `JSON.stringify` alone would change more: an integer beyond 2^53 becomes
 * another one, 1e400 becomes null, and of two members with one name the first
 * disappears. So numbers that a double does not give back digit by digit are
 * kept as their source text, and a text in which names repeat is not taken.
 */

/** A number whose digits are kept: what `JSON.rawJSON` makes. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** A JSON value; see above for its numbers. */
export type JsonNode =
  | null
  | boolean
  | number
  | string
  | RawNumber
  | JsonNode[]
  | JsonObject;

export interface JsonObject {
  [name: string]: JsonNode;
}

/** In the language of Node 24, and not yet in TypeScript's library. */
interface SourceTextJson {
  parse(
    text: string,
    reviver: (
      key: string,
      value: unknown,
      context: { source?: string },
    ) => unknown,
  ): unknown;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
}

const sourceText = JSON as unknown as SourceTextJson;

/** A string, and the colon after it if there is one. Never backtracks. */
const STRING = /"(?:[^"\\]|\\.)*"\s*(:)?/gs;

/** Deeper than any gateway accepts, and far from what the stack takes. */
const MAX_DEPTH = 256;

/**
 * Reads JSON text; `undefined` for what is no JSON, has a name twice in one
 * object, or is nested beyond all bounds.
 */
export function parseJsonTree(text: string): JsonNode | undefined {
  let names = 0;
  try {
    if (depthOf(text) > MAX_DEPTH) {
      return undefined;
    }
    const tree = sourceText.parse(text, (_key, value, { source }) => {
      if (typeof value === 'number') {
        return String(value) === source
          ? value
          : sourceText.rawJSON(source ?? 'null');
      }
      if (typeof value === 'object' && value !== null && !isRaw(value)) {
        names += Array.isArray(value) ? 0 : Object.keys(value).length;
      }
      return value;
    }) as JsonNode;
    return names === countNames(text) ? tree : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a tree. Numbers are written as they were read. */
export function writeJsonTree(tree: JsonNode): string {
  return JSON.stringify(tree);
}

export function isRaw(value: unknown): value is RawNumber {
  return sourceText.isRawJSON(value);
}

export function isJsonObject(value: JsonNode | undefined): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !isRaw(value)
  );
}

/** A number of which the digits are known, as the tree holds it. */
export function numberNode(source: string): JsonNode {
  return String(Number(source)) === source
    ? Number(source)
    : sourceText.rawJSON(source);
}

/** Names are the strings that a colon follows. Of valid JSON only. */
function countNames(text: string): number {
  let names = 0;
  for (const [, colon] of text.matchAll(STRING)) {
    names += colon ? 1 : 0;
  }
  return names;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text.replace(STRING, '')) {
    if (character === '{' || character === '[') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === '}' || character === ']') {
      depth -= 1;
    }
  }
  return deepest;
}
