import type {
  EventTypeCriteria,
  EventTypeSort,
  FieldCriteria,
  FieldSort,
  PageRequest,
} from '@millrace/plugin-event-types-common';

/**
 * Which page of event types is asked for.
 *
 * @public
 */
export type EventTypeQuery = EventTypeCriteria & PageRequest<EventTypeSort>;

/**
 * Which page of fields is asked for.
 *
 * @public
 */
export type FieldQuery = FieldCriteria & PageRequest<FieldSort>;

type Value = string | number | readonly string[] | undefined;

/** The query of a request; what is empty narrows nothing and is left out. */
function toSearch(parameters: { [name: string]: Value }): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of [value].flat()) {
      if (each !== undefined && each !== '') {
        search.append(name, String(each));
      }
    }
  }
  return search.toString();
}

/** The query of `GET /event-types`; never an empty one, which means all. */
export function eventTypeSearch(query: EventTypeQuery): string {
  return toSearch({
    limit: query.limit ?? 50,
    cursor: query.cursor,
    sort: query.sort,
    q: query.text?.trim(),
    owner: query.owners,
    tier: query.tiers,
    state: query.states,
    semanticType: query.semanticTypes,
    mine: query.isMine ? 'true' : undefined,
  });
}

/** The query of `GET /fields`. */
export function fieldSearch(query: FieldQuery): string {
  return toSearch({
    limit: query.limit ?? 50,
    cursor: query.cursor,
    sort: query.sort,
    q: query.text?.trim(),
    eventType: query.eventTypes,
    path: query.paths,
    owner: query.owners,
    semanticType: query.semanticTypes,
    mine: query.isMine ? 'true' : undefined,
  });
}
