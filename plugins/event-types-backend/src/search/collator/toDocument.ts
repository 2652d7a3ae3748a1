import type { IndexableDocument } from '@backstage/plugin-search-common';
import type {
  EventTypeDocument,
  FoundEventType,
} from '@millrace/plugin-event-types-common';

/**
 * Characters of one document's text. Postgres indexes a megabyte of it at most,
 * and what is searched for stands at the beginning.
 */
const MAX_TEXT_LENGTH = 50_000;

/** A document of the search index that holds an event type. */
export type IndexedEventType = IndexableDocument &
  Omit<EventTypeDocument, 'description'> & { description: string };

/**
 * What is found of an event type: its name and the words of it, description,
 * owner, tags, meanings and fields. Samples and values are not among it, since the
 * registry has none.
 */
export function toDocument(eventType: FoundEventType): IndexedEventType {
  const { name, owner, tier, state, version, fieldCount } = eventType;
  const { fields = [], semanticTypes, tags = [] } = eventType;
  // Postgres stores no NUL.
  const description = (eventType.description ?? '').replaceAll('\0', '');
  const text = [
    description,
    wordsOf(name),
    owner,
    tags.join(' '),
    semanticTypes.join(' '),
    ...fields.map(({ path }) => `${path} ${wordsOf(path)}`),
    ...fields.map(({ doc }) => doc?.replaceAll('\0', '')),
  ]
    .filter(Boolean)
    .join('\n')
    .slice(0, MAX_TEXT_LENGTH);
  return {
    title: name,
    text,
    location: `/catalog/default/eventtype/${encodeURIComponent(
      name.toLowerCase(),
    )}`,
    // Without it, anybody would find what they may not read.
    authorization: { resourceRef: name },
    name,
    description,
    owner,
    tier,
    state,
    version,
    fieldCount,
    semanticTypes,
    tags,
  };
}

/** `shop.order_placed` and `orderPlaced` are found by "order" and by "placed". */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^\p{L}\p{N}]/u)
    .filter(Boolean)
    .join(' ');
}
