import { isJsonObject, type JsonNode } from './jsonTree';

/** The tokens of an RFC 6901 pointer, unescaped. */
export type Tokens = string[];

/** @returns `undefined` when the text is no pointer to a part of a document */
export function parsePointer(pointer: string): Tokens | undefined {
  if (!/^(\/([^~/]|~[01])*)+$/.test(pointer)) {
    return undefined;
  }
  return pointer
    .slice(1)
    .split('/')
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Where a list has elements. */
const INDEX = /^(0|[1-9]\d{0,8})$/;

/**
 * The value of a token in an object or list; only its own, so that a name such
 * as `constructor` finds nothing that every object inherits.
 */
export function childOf(
  parent: JsonNode | undefined,
  token: string,
): JsonNode | undefined {
  if (Array.isArray(parent)) {
    return INDEX.test(token) ? parent[Number(token)] : undefined;
  }
  return isJsonObject(parent) && Object.hasOwn(parent, token)
    ? parent[token]
    : undefined;
}

/**
 * The places a pointer means in this document: `*` is every element where it
 * meets a list, and a name where it meets an object. The last token need not
 * exist, the others do.
 */
export function expandPointer(root: JsonNode, tokens: Tokens): Tokens[] {
  let places: { at: Tokens; node: JsonNode | undefined }[] = [
    { at: [], node: root },
  ];
  for (const [depth, token] of tokens.entries()) {
    places = places.flatMap(({ at, node }) => {
      const steps =
        token === '*' && Array.isArray(node)
          ? [...node.keys()].map(String)
          : [token];
      return steps.map(step => ({
        at: [...at, step],
        node: childOf(node, step),
      }));
    });
    if (depth < tokens.length - 1) {
      places = places.filter(({ node }) => node !== undefined);
    }
  }
  return places.map(({ at }) => at);
}

/** The object or list that holds a place. */
export function parentOf(root: JsonNode, place: Tokens): JsonNode | undefined {
  return place
    .slice(0, -1)
    .reduce<JsonNode | undefined>((node, token) => childOf(node, token), root);
}

/** The pointer of a place. */
export function formatPointer(place: Tokens): string {
  return place
    .map(token => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
