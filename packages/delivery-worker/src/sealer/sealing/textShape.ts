/*
 * The shape of a DuckDB type with text at its leaves.
 *
 * DuckDB casts JSON to a struct in one of two ways, and neither will do: the
 * strict one refuses an event in which an optional key is absent, the lenient
 * one turns a value that does not cast into NULL without a word. So the cast is
 * made in two steps: leniently from JSON into the same shape with VARCHAR at
 * the leaves, where nothing can fail to cast, and from there into the real
 * types with DuckDB's ordinary cast, which is strict about values and has
 * nothing to say about keys.
 */

const LEAVES_KEPT = new Set(['VARCHAR', 'JSON']);

class ShapeParser {
  #rest: string;

  constructor(private readonly type: string) {
    this.#rest = type;
  }

  readType(): string {
    const word = this.#take(/^[A-Z]+/);
    let shape: string;
    if (word === 'STRUCT') {
      shape = `STRUCT(${this.#readList(() => {
        const name = this.#take(/^"(?:[^"]|"")*"/);
        this.#take(/^ /);
        return `${name} ${this.readType()}`;
      })})`;
    } else if (word === 'MAP') {
      shape = `MAP(${this.#readList(() => this.readType())})`;
    } else {
      const name = `${word}${this.#take(/^(?: [A-Z]+)*/)}`;
      shape = LEAVES_KEPT.has(name) ? name : 'VARCHAR';
    }
    return `${shape}${this.#take(/^(?:\[\])*/)}`;
  }

  expectEnd(): void {
    this.#take(/^$/);
  }

  #readList(readItem: () => string): string {
    this.#take(/^\(/);
    const items = [readItem()];
    while (this.#rest.startsWith(', ')) {
      this.#take(/^, /);
      items.push(readItem());
    }
    this.#take(/^\)/);
    return items.join(', ');
  }

  #take(pattern: RegExp): string {
    const match = pattern.exec(this.#rest);
    if (!match) {
      throw new TypeError(`Not a DuckDB type as schemas give it: ${this.type}`);
    }
    this.#rest = this.#rest.slice(match[0].length);
    return match[0];
  }
}

/**
 * `STRUCT("at" TIMESTAMP WITH TIME ZONE, "tags" VARCHAR[])` becomes
 * `STRUCT("at" VARCHAR, "tags" VARCHAR[])`.
 *
 * Reads the type texts that `duckdbColumns` writes: STRUCT with quoted names,
 * MAP, lists, and scalar types of one or more words.
 */
export function textShapeOf(type: string): string {
  const parser = new ShapeParser(type);
  const shape = parser.readType();
  parser.expectEnd();
  return shape;
}
