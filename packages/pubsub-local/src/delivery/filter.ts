import { invalidArgument } from '../errors';

const MAX_FILTER_BYTES = 256;

/** Decides by its attributes whether a subscription wants a message. */
export type MessageFilter = (attributes: Record<string, string>) => boolean;

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][A-Za-z0-9_-]*)|(!=|[=:.,()-]))/y;

class FilterReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  readAll(): MessageFilter {
    const filter = this.#readExpression();
    if (this.#source.slice(this.#at).trim() !== '') {
      throw this.#unexpected('the end, AND or OR');
    }
    return filter;
  }

  #readExpression(): MessageFilter {
    const terms = [this.#readTerm()];
    let operator: string | undefined;
    for (;;) {
      const next = this.#peek();
      if (next !== 'AND' && next !== 'OR') {
        break;
      }
      if (operator !== undefined && next !== operator) {
        throw this.#unexpected(
          `${operator}: AND and OR are mixed only with parentheses`,
        );
      }
      operator = this.#take();
      terms.push(this.#readTerm());
    }
    return operator === 'OR'
      ? attributes => terms.some(term => term(attributes))
      : attributes => terms.every(term => term(attributes));
  }

  #readTerm(): MessageFilter {
    const next = this.#peek();
    if (next === 'NOT' || next === '-') {
      this.#take();
      const term = this.#readTerm();
      return attributes => !term(attributes);
    }
    if (next === '(') {
      this.#take();
      const inner = this.#readExpression();
      this.#expect(')');
      return inner;
    }
    if (next === 'hasPrefix') {
      this.#take();
      this.#expect('(');
      this.#expect('attributes');
      this.#expect('.');
      const key = this.#readKey();
      this.#expect(',');
      const prefix = this.#readString();
      this.#expect(')');
      return attributes =>
        Object.hasOwn(attributes, key) && attributes[key].startsWith(prefix);
    }
    return this.#readComparison();
  }

  #readComparison(): MessageFilter {
    this.#expect('attributes');
    if (this.#peek() === ':') {
      this.#take();
      const key = this.#readKey();
      return attributes => Object.hasOwn(attributes, key);
    }
    this.#expect('.');
    const key = this.#readKey();
    const operator = this.#peek();
    if (operator !== '=' && operator !== '!=') {
      throw this.#unexpected('= or !=');
    }
    this.#take();
    const value = this.#readString();
    const isEqual: MessageFilter = attributes =>
      Object.hasOwn(attributes, key) && attributes[key] === value;
    return operator === '=' ? isEqual : attributes => !isEqual(attributes);
  }

  #readKey(): string {
    const token = this.#peek();
    if (token?.startsWith('"')) {
      return this.#readString();
    }
    if (token === undefined || !/^[A-Za-z_]/.test(token)) {
      throw this.#unexpected('the key of an attribute');
    }
    return this.#take();
  }

  #readString(): string {
    const token = this.#peek();
    if (!token?.startsWith('"')) {
      throw this.#unexpected('a text in double quotes');
    }
    this.#take();
    return token.slice(1, -1).replace(/\\(.)/g, '$1');
  }

  #expect(wanted: string): void {
    if (this.#peek() !== wanted) {
      throw this.#unexpected(JSON.stringify(wanted));
    }
    this.#take();
  }

  #peek(): string | undefined {
    return this.#match()?.token;
  }

  #take(): string {
    const match = this.#match();
    if (!match) {
      throw this.#unexpected('more');
    }
    this.#at = match.end;
    return match.token;
  }

  #match(): { token: string; end: number } | undefined {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#source);
    const token = match?.[1] ?? match?.[2] ?? match?.[3];
    return token === undefined ? undefined : { token, end: TOKEN.lastIndex };
  }

  #unexpected(wanted: string) {
    const rest = this.#source.slice(this.#at).trim().slice(0, 40);
    return invalidArgument(
      `Invalid filter: expected ${wanted} at character ${this.#at + 1}, found ${
        rest === '' ? 'the end' : JSON.stringify(rest)
      }`,
    );
  }
}

/**
 * Reads a filter in the language of Pub/Sub:
 *
 * ```
 * attributes:KEY            the attribute is there
 * attributes.KEY = "v"      … and has this value
 * attributes.KEY != "v"     not so: also without the attribute
 * hasPrefix(attributes.KEY, "v")
 * NOT x, -x, x AND y, x OR y, (x)
 * ```
 *
 * AND and OR may not be mixed without parentheses, and operators are upper case.
 * Keys that are no plain words are quoted. The empty filter wants everything.
 *
 * @throws RpcError INVALID_ARGUMENT, with the place where reading stopped
 */
export function parseFilter(source: string): MessageFilter {
  if (Buffer.byteLength(source) > MAX_FILTER_BYTES) {
    throw invalidArgument(
      `A filter has at most ${MAX_FILTER_BYTES} bytes, not ${Buffer.byteLength(
        source,
      )}`,
    );
  }
  return source.trim() === '' ? () => true : new FilterReader(source).readAll();
}
