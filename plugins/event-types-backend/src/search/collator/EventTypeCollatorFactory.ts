import { Readable } from 'node:stream';
import type { DocumentCollatorFactory } from '@backstage/plugin-search-common';
import {
  EVENT_TYPE_DOCUMENT_TYPE,
  type EventTypePage,
  eventTypeReadPermission,
} from '@millrace/plugin-event-types-common';
import { toDocument } from './toDocument';

/** Reads a page of event types, with their fields. */
export type ReadPage = (
  cursor: string | undefined,
) => Promise<Pick<EventTypePage, 'items' | 'nextCursor'>>;

/**
 * Collects the documents that event types are found by.
 *
 * It holds one page in memory at a time, and reads the next when the index has
 * taken the one before. When a page cannot be read, the whole collection fails
 * and the search keeps the index it has: half of the event types would look as if
 * the others had gone.
 *
 * Each document names the event type it stands for; whether somebody may find it
 * is decided when they search, by the permission to read event types.
 */
export class EventTypeCollatorFactory implements DocumentCollatorFactory {
  readonly type = EVENT_TYPE_DOCUMENT_TYPE;
  readonly visibilityPermission = eventTypeReadPermission;
  readonly #readPage: ReadPage;

  constructor(options: { readPage: ReadPage }) {
    this.#readPage = options.readPage;
  }

  async getCollator(): Promise<Readable> {
    return Readable.from(this.#documents());
  }

  async *#documents() {
    let cursor: string | undefined;
    do {
      const page = await this.#readPage(cursor);
      for (const eventType of page.items) {
        yield toDocument(eventType);
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}
