import type { ConfigSnapshot, SnapshotWriteKey } from '@millrace/ledger';
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
 * Indexes a snapshot. A type whose schema did not change since the previous
 * snapshot keeps its compiled validator, so a change of one type costs the
 * others nothing.
 *
 * One type whose schema cannot be read must not hold back the changes of all
 * others: it keeps its previous version, or is left out, and is reported.
 */
export function compileSnapshot(
  snapshot: ConfigSnapshot,
  previous: GatewaySnapshot | undefined,
  onBroken: (eventType: string, error: unknown) => void,
): GatewaySnapshot {
  const eventTypes = new Map<string, AcceptedEventType>();
  for (const { name, version, topic, schema } of snapshot.eventTypes) {
    const before = previous?.eventTypes.get(name);
    const schemaText = JSON.stringify(schema);
    try {
      const validate =
        before?.schemaText === schemaText
          ? before.validate
          : compileLazily(parseEventSchema(schema));
      eventTypes.set(name, { name, version, topic, validate, schemaText });
    } catch (error) {
      onBroken(name, error);
      if (before) {
        eventTypes.set(name, before);
      }
    }
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
 * it for all when a snapshot arrives would stop the gateway for seconds.
 */
function compileLazily(schema: EventSchema): EventValidator {
  let compiled: EventValidator | undefined;
  return data => {
    compiled ??= compileValidator(schema);
    return compiled(data);
  };
}
