import { parseEntityRef } from '@backstage/catalog-model';
import type { JsonObject, JsonValue } from '@backstage/types';
import type { EventType } from '@millrace/plugin-event-types-common';
import { type AvroRecord, topicOf } from '@millrace/schema';
import type { DeliveryFacts } from '../deliveryFacts';
import { objectsIn, textIn } from '../json';
import { API_VERSION } from '../standard';
import { fieldTreeOf } from './fieldTree';
import { overlayProperties, writeProperties } from './properties';
import { writeServiceLevels } from './serviceLevels';

/** Custom properties of a contract that say what is registered. */
export const TIER_PROPERTY = 'millraceTier';
export const SCHEMA_VERSION_PROPERTY = 'millraceSchemaVersion';
export const OWNER_PROPERTY = 'millraceOwner';

/**
 * The contract of an event type for which none was imported: everything that
 * Millrace knows, in the form of version 3.1.0, and nothing else.
 */
export function writeContract(
  eventType: EventType,
  facts: DeliveryFacts,
): JsonObject {
  const { name, description, owner, version } = eventType;
  return {
    version: contractVersion(name, version),
    kind: 'DataContract',
    apiVersion: API_VERSION,
    id: `urn:millrace:event-type:${name}`,
    name,
    status: statusOf(eventType),
    ...(description && { description: { purpose: description } }),
    servers: writeServers(name, facts),
    schema: [
      {
        name,
        logicalType: 'object',
        physicalType: 'table',
        ...(description && { description }),
        dataGranularityDescription: 'One row for each event',
        properties: writeProperties(fieldTreeOf(recordOf(eventType))),
      },
    ],
    team: {
      name: parseEntityRef(owner).name,
      customProperties: [{ property: OWNER_PROPERTY, value: owner }],
    },
    slaProperties: writeServiceLevels(facts, eventType),
    customProperties: Object.entries(registeredProperties(eventType)).map(
      ([property, value]) => ({ property, value }),
    ),
    contractCreatedTs: eventType.createdAt,
  };
}

/**
 * The imported contract, brought to what is registered today. Whatever does not
 * contradict it is as its author wrote it.
 */
export function overlayContract(
  document: JsonObject,
  eventType: EventType,
): JsonObject {
  const index = indexOfEventType(document, eventType.name);
  const registered: { [property: string]: JsonValue } =
    registeredProperties(eventType);
  return {
    ...document,
    ...(Array.isArray(document.schema) && {
      schema: document.schema.map((object, position) => {
        const [own] = position === index ? objectsIn([object]) : [];
        return own
          ? {
              ...own.object,
              properties: overlayProperties(
                fieldTreeOf(recordOf(eventType)),
                own.object.properties,
              ),
            }
          : object;
      }),
    }),
    ...(Array.isArray(document.customProperties) && {
      customProperties: document.customProperties.map(each => {
        const [own] = objectsIn([each]);
        const property = textIn(own?.object.property) ?? '';
        return own && Object.hasOwn(registered, property)
          ? { ...own.object, value: registered[property] }
          : each;
      }),
    }),
  };
}

/**
 * Which schema object of a contract describes the event type: the one of its
 * name, or the only one.
 *
 * @returns -1 when none does
 */
export function indexOfEventType(document: JsonObject, name: string): number {
  const objects = objectsIn(document.schema);
  const named = objects.find(
    ({ object }) => object.name === name || object.physicalName === name,
  );
  return (named ?? (objects.length === 1 ? objects[0] : { index: -1 })).index;
}

/** The registered schema, which the registry has parsed before storing it. */
export function recordOf(eventType: EventType): AvroRecord {
  return eventType.schema as AvroRecord;
}

function registeredProperties({ tier, version }: EventType) {
  return {
    [TIER_PROPERTY]: tier,
    [SCHEMA_VERSION_PROPERTY]: version,
  };
}

function statusOf({ deprecation, retiredAt }: EventType): string {
  if (retiredAt) {
    return 'retired';
  }
  return deprecation ? 'deprecated' : 'active';
}

/**
 * Versions of an event type are compatible, so each is a minor one; a breaking
 * change makes another event type, whose name ends with its major version.
 */
function contractVersion(name: string, version: number): string {
  const major = /\.v(\d{1,4})$/.exec(name)?.[1] ?? '1';
  return `${Number(major)}.${version - 1}.0`;
}

function writeServers(name: string, facts: DeliveryFacts): JsonObject[] {
  const { bigQuery, lake, projectId } = facts;
  return [
    ...(projectId === undefined
      ? []
      : [
          {
            server: 'topic',
            type: 'pubsub',
            project: projectId,
            description: `Topic ${topicOf(name)}, for streaming readers`,
          },
        ]),
    ...(lake?.kind === 'folder'
      ? [
          {
            server: 'lake',
            type: 'local',
            path: `${name}/`,
            format: 'parquet',
            description:
              'Sealed partitions, below the root of the lake; read what the newest manifests name',
          },
        ]
      : []),
    ...(lake?.kind === 'cloud-storage'
      ? [
          {
            server: 'lake',
            type: 'custom',
            location: `${lake.root}/${name}/`,
            format: 'parquet',
            description:
              'Sealed partitions in Cloud Storage; read what the newest manifests name',
          },
        ]
      : []),
    ...(bigQuery
      ? [{ server: 'warehouse', type: 'bigquery', ...bigQuery }]
      : []),
  ];
}
