import { parseEventSchema } from '@millrace/schema';
import type { Knex } from 'knex';
import { findSchema } from './operations/findSchema';
import { findShownSchema } from './operations/findShownSchema';
import { insertSchema } from './operations/insertSchema';
import { listUnnumberedVersions } from './operations/listUnnumberedVersions';
import { listVersionsOfSchema } from './operations/listVersionsOfSchema';
import { showVersion } from './operations/showVersion';
import type { RegistrySchemasRow } from './operations/tables';
import { type SchemaKind, avroDigest, nativeText } from './schemaText';

/** A schema with the number under which clients know it. */
export interface NumberedSchema {
  id: number;
  guid: string;
  eventType: string;
  /** The first version of the event type that it stood in. */
  version: number;
  kind: SchemaKind;
  /** As it was registered. */
  content: string;
}

/**
 * Gives schemas the numbers that stand in front of encoded values.
 *
 * Guarantees: a number means one text for ever; what says the same within one
 * event type has one number; every version has a schema that stands for it, the
 * one with which a client made it, otherwise its Avro record.
 *
 * A version that was made elsewhere (portal, catalog) gets its number when it
 * is first looked at. The same happens to a version whose maker crashed between
 * making it and numbering it: its Avro record stands for it, and the client,
 * which had no answer, registers again and is given a number of its own text if
 * that encodes differently.
 */
export class SchemaNumbers {
  readonly #db: Knex;
  readonly #now: () => Date;

  constructor(options: { db: Knex; now?: () => Date }) {
    this.#db = options.db;
    this.#now = options.now ?? (() => new Date());
  }

  async byId(id: number): Promise<NumberedSchema | undefined> {
    return toSchema(await findSchema(this.#db, { id }));
  }

  async byGuid(guid: string): Promise<NumberedSchema | undefined> {
    return toSchema(await findSchema(this.#db, { guid }));
  }

  async byDigest(
    eventType: string,
    digest: string,
  ): Promise<NumberedSchema | undefined> {
    await this.#numberVersions(eventType);
    return toSchema(
      await findSchema(this.#db, { event_type: eventType, digest }),
    );
  }

  /** The schema that stands for a version. */
  async ofVersion(
    eventType: string,
    version: number,
  ): Promise<NumberedSchema | undefined> {
    await this.#numberVersions(eventType);
    return toSchema(await findShownSchema(this.#db, { eventType, version }));
  }

  /** Every version a schema belongs to, ascending; at least its first. */
  async versionsOf(schema: NumberedSchema): Promise<number[]> {
    const shown = await listVersionsOfSchema(this.#db, { id: schema.id });
    return [...new Set([schema.version, ...shown])].sort((a, b) => a - b);
  }

  /** Numbers what a client registered as, or for, a version. */
  async add(
    schema: Omit<NumberedSchema, 'id' | 'guid'> & {
      digest: string;
      by: string;
    },
  ): Promise<NumberedSchema> {
    const { eventType, version } = schema;
    const row = await insertSchema(this.#db, { ...schema, at: this.#now() });
    await showVersion(this.#db, { eventType, version, schemaId: row.id });
    return toSchema(row);
  }

  async #numberVersions(eventType: string): Promise<void> {
    const unnumbered = await listUnnumberedVersions(this.#db, { eventType });
    for (const { version, schema } of unnumbered) {
      await this.add({
        eventType,
        version,
        kind: 'AVRO',
        content: nativeText(schema),
        digest: avroDigest(parseEventSchema(schema), schema),
        by: 'plugin:event-types',
      });
    }
  }
}

function toSchema(row: RegistrySchemasRow): NumberedSchema;
function toSchema(
  row: RegistrySchemasRow | undefined,
): NumberedSchema | undefined;
function toSchema(
  row: RegistrySchemasRow | undefined,
): NumberedSchema | undefined {
  return (
    row && {
      id: row.id,
      guid: row.guid,
      eventType: row.event_type,
      version: row.version,
      kind: row.kind,
      content: row.content,
    }
  );
}
