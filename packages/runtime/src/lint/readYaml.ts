import {
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
} from 'yaml';

/** Larger than any hand-written file; a schema may have 1 MiB. */
export const MAX_YAML_BYTES = 2 * 1024 * 1024;
/** A schema nests 32 levels, each a few of YAML. */
const MAX_DEPTH = 300;
const MAX_ALIASES = 100;
const MAX_DOCUMENTS = 1_000;

/** Why a text was not read. */
export class YamlRefusedError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'YamlRefusedError';
    this.offset = offset;
  }
}

/** A document of a file, and how to find a place in it. */
export interface YamlDocument {
  document: Document.Parsed;
  /** As plain data, nothing of it executed or coerced. */
  value: unknown;
  /** Of syntax, and of keys that are there twice. */
  faults: Array<{
    code: 'invalid_yaml' | 'duplicate_key';
    message: string;
    offset: number;
  }>;
}

/**
 * Reads YAML that somebody else wrote.
 *
 * Guarantees: the work is bounded by the length of the text. Depth and aliases
 * are counted while the text is read and before anything is built of it, so that
 * neither a million brackets nor aliases of aliases are ever followed. Tags make
 * no objects, and a time stays a text.
 *
 * @throws YamlRefusedError when a bound is exceeded
 */
export function readYaml(text: string): {
  documents: YamlDocument[];
  lines: LineCounter;
} {
  const lines = new LineCounter();
  if (Buffer.byteLength(text) > MAX_YAML_BYTES) {
    throw new YamlRefusedError(
      `It has more than ${MAX_YAML_BYTES} bytes; split it into several files`,
      0,
    );
  }
  const tokens = tokensOf(text, lines);
  // Duplicate keys are looked for here: the library compares each with each.
  const composer = new Composer({ uniqueKeys: false, lineCounter: lines });
  const documents: YamlDocument[] = [];
  for (const document of composer.compose(tokens, true, text.length)) {
    if (documents.length >= MAX_DOCUMENTS) {
      throw new YamlRefusedError(
        `It has more than ${MAX_DOCUMENTS} documents; split it into several files`,
        document.range[0],
      );
    }
    documents.push(readDocument(document));
  }
  return { documents, lines };
}

function tokensOf(text: string, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  // As `parse` does, which cannot be stopped on the way.
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let aliases = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) {
      throw new YamlRefusedError(
        `It nests more than ${MAX_DEPTH} levels deep`,
        parser.offset,
      );
    }
    aliases += CST.tokenType(lexeme) === 'alias' ? 1 : 0;
    if (aliases > MAX_ALIASES) {
      throw new YamlRefusedError(
        `It has more than ${MAX_ALIASES} aliases; write out what they stand for`,
        parser.offset,
      );
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

function readDocument(document: Document.Parsed): YamlDocument {
  const faults: YamlDocument['faults'] = document.errors.map(error => ({
    code: 'invalid_yaml',
    message: error.message.split('\n', 1)[0],
    offset: error.pos[0],
  }));
  if (faults.length > 0) {
    return { document, value: undefined, faults };
  }
  visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : undefined;
        if (isScalar(key) && seen.has(name)) {
          faults.push({
            code: 'duplicate_key',
            message: 'The mapping has this key twice',
            offset: key.range?.[0] ?? 0,
          });
        }
        seen.add(name);
      }
    },
  });
  try {
    return {
      document,
      value: document.toJS({ maxAliasCount: MAX_ALIASES }),
      faults,
    };
  } catch (error) {
    // What the library says of aliases that unfold too far.
    if (error instanceof ReferenceError || error instanceof RangeError) {
      throw new YamlRefusedError(
        'Its aliases unfold too far, or into themselves; write out what they stand for',
        document.range[0],
      );
    }
    throw error;
  }
}

/**
 * Where a place of a document is in its text. A place that is not there is found
 * at the nearest one around it.
 *
 * @param pointer - RFC 6901
 * @param mark - which part of it: a key that should not be there, or its value
 * @returns an offset
 */
export function offsetOf(
  document: Document.Parsed,
  pointer: string,
  mark: 'key' | 'value' = 'value',
): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? document.range[0];
  for (const encoded of pointer.split('/').slice(1)) {
    const token = encoded.replaceAll('~1', '/').replaceAll('~0', '~');
    const step = stepInto(resolved(node, document), token, document, mark);
    if (!step) {
      return offset;
    }
    ({ node, offset } = step);
  }
  return offset;
}

function stepInto(
  node: unknown,
  token: string,
  document: Document.Parsed,
  mark: 'key' | 'value',
): { node: unknown; offset: number } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(
      ({ key }) => isScalar(key) && String(key.value) === token,
    );
    if (!pair) {
      return undefined;
    }
    // A text is marked itself, anything larger at its key.
    const isText = isScalar(pair.value) && pair.value.value !== null;
    const marked = isText && mark === 'value' ? pair.value : pair.key;
    return { node: pair.value, offset: startOf(marked, document) };
  }
  const items: unknown =
    typeof node === 'object' && node !== null ? Reflect.get(node, 'items') : [];
  const item: unknown =
    Array.isArray(items) && /^\d+$/.test(token) ? items[Number(token)] : null;
  return item ? { node: item, offset: startOf(item, document) } : undefined;
}

function startOf(node: unknown, document: Document.Parsed): number {
  const range: unknown =
    typeof node === 'object' && node !== null
      ? Reflect.get(node, 'range')
      : undefined;
  return Array.isArray(range) && typeof range[0] === 'number'
    ? range[0]
    : document.range[0];
}

/** What an alias stands for; anything else is itself. */
function resolved(node: unknown, document: Document.Parsed): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}
