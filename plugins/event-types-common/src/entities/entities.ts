import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { Tier } from '../types';
import { KIND_DATA_ENDPOINT, KIND_EVENT_TYPE } from './constants';

/**
 * An event type in the catalog. Declared as YAML it carries `spec.schema`, and
 * its tags are in `metadata.tags`; emitted by the portal it carries `spec.version` and `spec.fieldCount`.
 *
 * @public
 */
export interface EventTypeEntity extends Entity {
  apiVersion: 'millrace.io/v1alpha1';
  kind: 'EventType';
  spec: {
    owner: string;
    tier?: Tier;
    /** Reference of the system it is part of. */
    system?: string;
    /** Id of a retention class; the installation's default without it. */
    retention?: string;
    expectedEventsPerDay?: number;
    schema?: { [key: string]: unknown };
    version?: number;
    fieldCount?: number;
  } & Entity['spec'];
}

/**
 * A dataset as a managed thing: schema, partitions, retention, access.
 *
 * @public
 */
export interface DataEndpointEntity extends Entity {
  apiVersion: 'millrace.io/v1alpha1';
  kind: 'DataEndpoint';
  spec: {
    owner: string;
    /** What fills the endpoint; `events` for the endpoint of an event type. */
    type: string;
    tier?: Tier;
    system?: string;
    /** Reference of the event type that delivers here. */
    deliveredFrom?: string;
  } & Entity['spec'];
}

/** @public */
export function isEventTypeEntity(entity: Entity): entity is EventTypeEntity {
  return entity.kind.toLocaleLowerCase('en-US') === 'eventtype';
}

/** @public */
export function isDataEndpointEntity(
  entity: Entity,
): entity is DataEndpointEntity {
  return entity.kind.toLocaleLowerCase('en-US') === 'dataendpoint';
}

/**
 * The entity reference of the event type with the given name.
 *
 * @public
 */
export function eventTypeEntityRef(name: string): string {
  return stringifyEntityRef({
    kind: KIND_EVENT_TYPE,
    namespace: 'default',
    name,
  });
}

/**
 * The entity reference of the data endpoint of an event type: it bears the
 * event type's name.
 *
 * @public
 */
export function dataEndpointEntityRef(eventTypeName: string): string {
  return stringifyEntityRef({
    kind: KIND_DATA_ENDPOINT,
    namespace: 'default',
    name: eventTypeName,
  });
}
