import { Knex } from 'knex';
import { ConfigSnapshot, readConfigSnapshot } from '@millrace/ledger';
import {
  compileValidator,
  DuckdbColumn,
  duckdbColumns,
  EventValidator,
  parseEventSchema,
} from '@millrace/schema';
import { SealerError } from '../errors';

/** What sealing needs to know of an event type's schema. */
export interface TypeSchema {
  eventType: string;
  version: number;
  columns: DuckdbColumn[];
  validate: EventValidator;
}

/**
 * The newest schema version of an event type, from the newest config snapshot
 * that has it.
 *
 * All events of a partition get the columns of that one version, whichever they
 * were accepted under. That loses nothing: a new version may only add optional
 * fields, make fields optional and widen numbers (`compareSchemas`), so it
 * takes everything its predecessors took; and a gateway cannot run a newer
 * snapshot than the ledger has. So a partition has one schema, and what a
 * reader sees changes between partitions, never within one.
 */
export function createTypeSchemas(
  ledger: Knex,
): (eventType: string) => Promise<TypeSchema> {
  let snapshot: ConfigSnapshot | undefined;
  const parsed = new Map<string, TypeSchema>();

  return async eventType => {
    const newer = await readConfigSnapshot(ledger, {
      newerThan: snapshot?.generation,
    });
    if (newer) {
      snapshot = newer;
      parsed.clear();
    }
    const known = parsed.get(eventType);
    if (known) {
      return known;
    }
    // A type that was removed may have events that were accepted before.
    const last =
      typeIn(snapshot, eventType) ??
      typeIn(await readConfigSnapshot(ledger, { eventType }), eventType);
    if (!last) {
      throw new SealerError(
        'schema_unknown',
        `No config snapshot up to ${
          snapshot?.generation ?? '(none)'
        } has the event type ${eventType}`,
      );
    }
    const result = toTypeSchema({ ...last, eventType });
    parsed.set(eventType, result);
    return result;
  };
}

/** Compiles a schema, given as Avro. */
export function toTypeSchema(options: {
  eventType: string;
  version: number;
  schema: unknown;
}): TypeSchema {
  const { eventType, version } = options;
  const schema = parseEventSchema(options.schema);
  return {
    eventType,
    version,
    columns: duckdbColumns(schema),
    validate: compileValidator(schema),
  };
}

function typeIn(snapshot: ConfigSnapshot | undefined, eventType: string) {
  return snapshot?.eventTypes.find(({ name }) => name === eventType);
}
