import type {
  ConfigSnapshot,
  SnapshotDeprecation,
  SnapshotWriteKey,
} from '@millrace/ledger';
import {
  compileValidator,
  EventSchema,
  EventValidator,
  parseEventSchema,
} from '@millrace/schema';

/** An event type, ready to judge events. */
export interface AcceptedEventType {
  name: string;
  version: number;
  topic: string;
  /** Where its refused events go. */
  refusedTopic: string;
  /** Told to whoever still sends it. */
  deprecation?: SnapshotDeprecation;
  schema: EventSchema;
  /** Compiled at first use, then kept. */
  validate: EventValidator;
  /** Identifies the schema among the versions of this type. */
  schemaText: string;
}

/** A config snapshot, indexed for intake. */
export interface GatewaySnapshot {
  generation: number;
  bucketSeconds: number;
  eventTypes: ReadonlyMap<string, AcceptedEventType>;
  writeKeys: ReadonlyMap<string, SnapshotWriteKey>;
}

/**
 * Indexes a snapshot, one event type per step: reading thousands of schemas in
 * one go would stop the gateway for a good part of a second. A type whose schema
 * did not change since the previous snapshot keeps its parsed schema and its
 * compiled validator, so a change of one type costs the others nothing.
 *
 * One type whose schema cannot be read must not hold back the changes of all
 * others: it keeps its previous version, or is left out, and is reported.
 */
export function* compileSnapshot(
  snapshot: ConfigSnapshot,
  previous: GatewaySnapshot | undefined,
  onBroken: (eventType: string, error: unknown) => void,
): Generator<void, GatewaySnapshot> {
  const eventTypes = new Map<string, AcceptedEventType>();
  for (const type of snapshot.eventTypes) {
    const { name, version, topic, refusedTopic, deprecation } = type;
    const before = previous?.eventTypes.get(name);
    const schemaText = JSON.stringify(type.schema);
    try {
      const { schema, validate } =
        before?.schemaText === schemaText ? before : prepare(type.schema);
      eventTypes.set(name, {
        name,
        version,
        topic,
        refusedTopic,
        deprecation,
        schema,
        validate,
        schemaText,
      });
    } catch (error) {
      onBroken(name, error);
      if (before) {
        eventTypes.set(name, before);
      }
    }
    yield;
  }
  return {
    generation: snapshot.generation,
    bucketSeconds: snapshot.bucketSeconds,
    eventTypes,
    writeKeys: new Map(snapshot.writeKeys.map(key => [key.keyId, key])),
  };
}

/**
 * Generating code takes milliseconds per schema: with thousands of types, doing
 * it for all when a snapshot arrives would take seconds.
 */
function prepare(
  text: unknown,
): Pick<AcceptedEventType, 'schema' | 'validate'> {
  const schema = parseEventSchema(text);
  let compiled: EventValidator | undefined;
  return {
    schema,
    validate: data => {
      compiled ??= compileValidator(schema);
      return compiled(data);
    },
  };
}
