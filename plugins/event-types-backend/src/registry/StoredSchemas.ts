import { createHash } from 'node:crypto';
import { type EventSchema, parseEventSchema } from '@millrace/schema';

/** Of text; what is made of it takes some ten times as much memory. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Reads schemas as they are stored, and remembers them by the hash of their
 * text: versions never change, and each verdict, review and publication looks at
 * all of them again. What was not asked for longest is forgotten first, so that
 * memory stays bounded whatever there is.
 */
export class StoredSchemas {
  readonly #maxBytes: number;
  readonly #known = new Map<string, { schema: EventSchema; bytes: number }>();
  #bytes = 0;

  constructor(options: { maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
  }

  /** Of text that is remembered; never above the limit. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param text - JSON
   * @throws SchemaError when it is no schema, which what is stored always is
   */
  read(text: string): EventSchema {
    const digest = createHash('sha256').update(text).digest('base64');
    const known = this.#known.get(digest);
    if (known) {
      this.#known.delete(digest);
      this.#known.set(digest, known);
      return known.schema;
    }
    const schema = parseEventSchema(JSON.parse(text));
    const bytes = text.length;
    if (bytes <= this.#maxBytes) {
      this.#known.set(digest, { schema, bytes });
      this.#bytes += bytes;
      this.#forgetOldest();
    }
    return schema;
  }

  #forgetOldest(): void {
    for (const [digest, { bytes }] of this.#known) {
      if (this.#bytes <= this.#maxBytes) {
        return;
      }
      this.#known.delete(digest);
      this.#bytes -= bytes;
    }
  }
}
