import type { JsonValue } from '@backstage/types';
import {
  Composer,
  type Document,
  Lexer,
  LineCounter,
  Parser,
  type ParsedNode,
  isMap,
  isNode,
  isScalar,
  isSeq,
  visit,
} from 'yaml';
import { type Finding, below, finding } from '../findings';

/** A contract is written by people. */
export const MAX_CONTRACT_BYTES = 1024 * 1024;

/** Beyond which a text is not read. */
export interface YamlLimits {
  /** What the text is, as in `A contract has at most`. */
  what: string;
  maxBytes: number;
  /** Readers of YAML recurse. */
  maxDepth: number;
  /** Values, lists and objects. */
  maxValues: number;
}

const CONTRACT_LIMITS: YamlLimits = {
  what: 'A contract',
  maxBytes: MAX_CONTRACT_BYTES,
  // Far more than a contract has.
  maxDepth: 64,
  // A contract of 2,000 fields has half of it. It bounds what writing the
  // contract costs each time somebody reads it.
  maxValues: 50_000,
};

/** Characters of all pointers that lines are told for. */
const MAX_POINTERS_LENGTH = 8 * 1024 * 1024;

/** More of one kind teach nothing new, and to find a line takes time. */
export const MAX_FINDINGS = 200;

/** How often what an anchor names may be unfolded, all in all. */
const MAX_ALIASES = 100;

/**
 * Setting or reading the first three is not what it seems; the last one, as a
 * text, would come back as an instruction to merge.
 */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype', '<<']);

/** A YAML or JSON text, as JSON. */
export interface ReadText {
  value?: JsonValue;
  findings: Finding[];
  /** The line on which the value of a pointer begins, or what holds it. */
  lineOf(pointer: string): number | undefined;
  /** How a scalar was written, such as `1.10` for the number 1.1. */
  sourceOf(pointer: string): string | undefined;
  /** The lines of all keys and items, as far as there is room for them. */
  lines(): Map<string, number>;
}

/**
 * Reads YAML 1.2, of which JSON is a part.
 *
 * Never trusts its input: size, depth and aliases are bounded before anything
 * recurses or unfolds; what is not JSON, and keys that mean something to
 * JavaScript, are refused. Timestamps stay the text they are, and a number that
 * cannot be kept to the last digit is refused rather than rounded.
 */
export function readYaml(
  text: string,
  limits: YamlLimits = CONTRACT_LIMITS,
): ReadText {
  const { what, maxBytes, maxDepth, maxValues } = limits;
  if (Buffer.byteLength(text) > maxBytes) {
    return refused(
      finding('too_large', '', `${what} has at most ${maxBytes} bytes`),
    );
  }
  const lines = new LineCounter();
  const tokens = tokensOf(text, lines, maxDepth);
  if (!tokens) {
    return refused(
      finding('too_deep', '', `${what} nests at most ${maxDepth} levels`),
    );
  }
  const [document, second] = new Composer({
    version: '1.2',
    merge: true,
    intAsBigInt: true,
    // It compares each key with all others; see `duplicateKeys`.
    uniqueKeys: false,
    logLevel: 'silent',
  }).compose(tokens, true, text.length);

  const lineOf = (pointer: string) => lineIn(document, lines, pointer);
  const at = (code: 'invalid_yaml', offset: number, message: string) => ({
    ...finding(code, '', message),
    line: lines.linePos(offset).line,
  });
  const problems = document.errors.map(error =>
    at('invalid_yaml', error.pos[0], error.message.split('\n')[0]),
  );
  if (second) {
    problems.push(
      at('invalid_yaml', second.range[0], 'There is more than one document'),
    );
  }
  for (const { offset, key } of duplicateKeys(document)) {
    problems.push(
      at('invalid_yaml', offset, `The key '${key}' is there twice`),
    );
  }
  if (problems.length) {
    return { ...refused(...problems.slice(0, MAX_FINDINGS)), lineOf };
  }
  const conversion: Conversion = { findings: [], values: 0, maxDepth };
  const { findings } = conversion;
  let value: JsonValue | undefined;
  try {
    value = toJson(
      document.toJS({ maxAliasCount: MAX_ALIASES }),
      '',
      0,
      conversion,
    );
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof RangeError)) {
      throw error;
    }
    return refused(
      finding(
        'too_many_aliases',
        '',
        `Anchors are unfolded at most ${MAX_ALIASES} times`,
      ),
    );
  }
  if (conversion.values > maxValues) {
    return refused(
      finding('too_large', '', `${what} holds at most ${maxValues} values`),
    );
  }
  return {
    ...(findings.length === 0 && { value }),
    findings: findings
      .slice(0, MAX_FINDINGS)
      .map(each => ({ ...each, line: lineOf(each.pointer) })),
    lineOf,
    sourceOf: pointer => {
      const node = document.getIn(tokensIn(pointer), true);
      return isNode(node) && 'source' in node ? String(node.source) : undefined;
    },
    lines: () => linesIn(document, lines),
  };
}

function refused(...findings: Finding[]): ReadText {
  return {
    findings,
    lineOf: () => undefined,
    sourceOf: () => undefined,
    lines: () => new Map(),
  };
}

/** The parser keeps a stack of its own, so it can be watched as it goes. */
function tokensOf(text: string, lines: LineCounter, maxDepth: number) {
  const parser = new Parser(lines.addNewLine);
  const tokens = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    // Each level is a collection, and its scalar at the most.
    if (parser.stack.length > maxDepth + 2) {
      return undefined;
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

/** In time that grows with the number of keys, not with its square. */
function duplicateKeys(
  document: Document.Parsed<ParsedNode>,
): Array<{ key: string; offset: number }> {
  const found: Array<{ key: string; offset: number }> = [];
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (isScalar(key) && found.length < MAX_FINDINGS) {
          const name = String(key.value);
          // A merge may be there more than once.
          if (seen.has(name) && name !== '<<') {
            found.push({ key: name.slice(0, 60), offset: key.range?.[0] ?? 0 });
          }
          seen.add(name);
        }
      }
    },
  });
  return found;
}

/** What one conversion counts. */
interface Conversion {
  findings: Finding[];
  values: number;
  maxDepth: number;
}

function toJson(
  value: unknown,
  pointer: string,
  depth: number,
  conversion: Conversion,
): JsonValue {
  const { findings } = conversion;
  conversion.values += 1;
  if (depth > conversion.maxDepth) {
    throw new RangeError('Unfolded too deep');
  }
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      if (Number.isSafeInteger(Number(value))) {
        return Number(value);
      }
      break;
    case 'number':
      if (Number.isFinite(value)) {
        return value;
      }
      break;
    case 'object':
      if (value === null) {
        return null;
      }
      if (Array.isArray(value)) {
        return value.map((item, index) =>
          toJson(item, below(pointer, index), depth + 1, conversion),
        );
      }
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, item]) => {
          const at = below(pointer, key);
          if (FORBIDDEN_KEYS.has(key)) {
            findings.push(
              finding('forbidden_key', at, `The key '${key}' is not allowed`),
            );
            return [];
          }
          return [[key, toJson(item, at, depth + 1, conversion)]];
        }),
      );
    default:
  }
  findings.push(
    finding(
      'not_json',
      pointer,
      'This value cannot be kept as it is; write it as a text, in quotes',
    ),
  );
  return null;
}

function tokensIn(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function lineIn(
  document: Document.Parsed<ParsedNode>,
  lines: LineCounter,
  pointer: string,
): number | undefined {
  const path = tokensIn(pointer);
  for (let length = path.length; length >= 0; length--) {
    const node =
      length === 0
        ? document.contents
        : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      return lines.linePos(node.range[0]).line;
    }
  }
  return undefined;
}

function linesIn(
  document: Document.Parsed<ParsedNode>,
  lines: LineCounter,
): Map<string, number> {
  const found = new Map<string, number>();
  let room = MAX_POINTERS_LENGTH;
  const note = (pointer: string, node: ParsedNode) => {
    room -= pointer.length;
    found.set(pointer, lines.linePos(node.range[0]).line);
  };
  const walk = (node: unknown, pointer: string) => {
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      for (const { key, value } of node.items) {
        if (isScalar(key) && room > 0) {
          const at = below(pointer, String(key.value));
          note(at, key);
          walk(value, at);
        }
      }
    } else if (isSeq<ParsedNode>(node)) {
      for (const [index, item] of node.items.entries()) {
        if (room > 0) {
          const at = below(pointer, index);
          note(at, item);
          walk(item, at);
        }
      }
    }
  };
  walk(document.contents, '');
  return found;
}
