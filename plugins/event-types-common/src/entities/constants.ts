/**
 * The apiVersion of Millrace's entity kinds.
 *
 * @public
 */
export const MILLRACE_API_VERSION = 'millrace.io/v1alpha1';

/** @public */
export const KIND_EVENT_TYPE = 'EventType';

/** @public */
export const KIND_DATA_ENDPOINT = 'DataEndpoint';

/**
 * From an event type to the data endpoint its events are delivered to.
 *
 * @public
 */
export const RELATION_DELIVERS_TO = 'deliversTo';

/**
 * The inverse of {@link RELATION_DELIVERS_TO}.
 *
 * @public
 */
export const RELATION_DELIVERED_FROM = 'deliveredFrom';

/**
 * Says where an entity of Millrace comes from. Entities the portal emits carry
 * the value {@link ORIGIN_PORTAL}; the catalog intake skips those.
 *
 * @public
 */
export const ANNOTATION_ORIGIN = 'millrace.io/origin';

/**
 * On the entity of an event type whose declaration is gone from the catalog:
 * since when, in ISO 8601.
 *
 * @public
 */
export const ANNOTATION_ORPHANED_AT = 'millrace.io/orphaned-at';

/** @public */
export const ORIGIN_PORTAL = 'portal';
