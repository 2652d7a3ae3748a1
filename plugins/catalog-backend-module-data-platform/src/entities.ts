import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
} from '@backstage/catalog-model';
import {
  ANNOTATION_ORIGIN,
  ANNOTATION_ORPHANED_AT,
  type DataEndpointEntity,
  type EventType,
  type EventTypeEntity,
  KIND_DATA_ENDPOINT,
  KIND_EVENT_TYPE,
  MILLRACE_API_VERSION,
  ORIGIN_PORTAL,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';

function metadataOf(eventType: EventType): EventTypeEntity['metadata'] {
  const { name, description, tags, orphanedAt } = eventType;
  const location = `event-types:${name}`;
  return {
    name,
    ...(description && { description }),
    ...(tags && { tags }),
    annotations: {
      [ANNOTATION_LOCATION]: location,
      [ANNOTATION_ORIGIN_LOCATION]: location,
      [ANNOTATION_ORIGIN]: ORIGIN_PORTAL,
      ...(orphanedAt && { [ANNOTATION_ORPHANED_AT]: orphanedAt }),
    },
  };
}

/**
 * The entity of an event type that no file declares. The schema itself
 * stays out: it can be large, and the event types backend serves it.
 */
export function toEventTypeEntity(eventType: EventType): EventTypeEntity {
  const { owner, tier, version, fields } = eventType;
  const { system, retention, expectedEventsPerDay } = eventType;
  return {
    apiVersion: MILLRACE_API_VERSION,
    kind: KIND_EVENT_TYPE,
    metadata: metadataOf(eventType),
    spec: {
      owner,
      tier,
      ...(system && { system }),
      ...(retention && { retention }),
      ...(expectedEventsPerDay && { expectedEventsPerDay }),
      version,
      fieldCount: fields.length,
    },
  };
}

/** The entity of the data endpoint an event type delivers to. */
export function toDataEndpointEntity(eventType: EventType): DataEndpointEntity {
  const { name, owner, tier, system } = eventType;
  return {
    apiVersion: MILLRACE_API_VERSION,
    kind: KIND_DATA_ENDPOINT,
    metadata: metadataOf(eventType),
    spec: {
      type: 'events',
      owner,
      tier,
      ...(system && { system }),
      deliveredFrom: eventTypeEntityRef(name),
    },
  };
}

/**
 * Everything the portal puts into the catalog. An event type declared in the
 * catalog is there already; only its data endpoint is added. One whose
 * declaration is gone is put there again, marked as orphaned: what still
 * delivers stays to be seen.
 */
export function toEntities(
  eventTypes: EventType[],
): Array<EventTypeEntity | DataEndpointEntity> {
  return eventTypes.flatMap(eventType =>
    eventType.origin === 'portal' || eventType.orphanedAt
      ? [toEventTypeEntity(eventType), toDataEndpointEntity(eventType)]
      : [toDataEndpointEntity(eventType)],
  );
}
