import { isDeepStrictEqual } from 'node:util';
import type {
  CompatibilityMode,
  EventTypeOrigin,
} from '@millrace/plugin-event-types-common';
import {
  DEFAULT_COMPATIBILITY_MODE,
  type EventSchema,
  SchemaError,
  describeBreaks,
  judgeDifferences,
  parseEventSchema,
  summarizeFields,
  uniteSchemas,
} from '@millrace/schema';
import type { Knex } from 'knex';
import { insertEventType } from '../database/operations/eventTypes/insertEventType';
import type { EventTypesRow } from '../database/tables';
import type { LockedEventType } from '../database/operations/eventTypes/lockEventType';
import { updateEventType } from '../database/operations/eventTypes/updateEventType';
import { insertVersion } from '../database/operations/versions/insertVersion';
import { DeclarationConflictError, problem } from '../errors';
import { compareWithVersions } from './compareWithVersions';
import { fromDetailColumns } from '../database/operations/eventTypes/detailColumns';
import {
  assertDeclarable,
  assertNameDiffers,
} from '../declarations/judgeDeclaration';
import type { ParsedDeclaration, WriteOutcome } from './types';

/** Who writes a declaration, when, and where it was declared. */
export interface WriteContext {
  by: string;
  at: Date;
  /** Of declarations in the catalog only. */
  location?: string;
}

/**
 * Inserts a new event type with version 1.
 *
 * @returns false when another event type has the name, and nothing was written
 */
export async function insertDeclaration(
  tx: Knex.Transaction,
  options: WriteContext & {
    declaration: ParsedDeclaration;
    origin: EventTypeOrigin;
    /** The default one when left out. */
    compatibility?: CompatibilityMode;
  },
): Promise<boolean> {
  const { declaration, origin, location, at, by, compatibility } = options;
  const { name, description, owner, tier, schema, details } = declaration;
  const isInserted = await insertEventType(tx, {
    name,
    description,
    owner,
    tier,
    origin,
    location,
    compatibility,
    details,
    at,
    by,
  });
  if (isInserted) {
    assertDeclarable(declaration);
    await assertNameDiffers(tx, declaration);
    await insertVersion(tx, {
      eventType: name,
      version: 1,
      schema: schema.avro,
      fields: summarizeFields(schema),
      mode: compatibility ?? DEFAULT_COMPATIBILITY_MODE,
      at,
      by,
    });
  }
  return isInserted;
}

/**
 * Brings a locked event type to a declaration: a changed schema becomes the
 * next version, any change at all raises the generation. With another `origin`
 * than before it changes hands, which is recorded.
 *
 * @throws DeclarationConflictError listing every incompatibility
 */
export async function applyDeclaration(
  tx: Knex.Transaction,
  options: WriteContext & {
    current: LockedEventType;
    declaration: ParsedDeclaration;
    origin?: EventTypeOrigin;
  },
): Promise<WriteOutcome> {
  const { current, declaration, location, at, by } = options;
  const { row } = current;
  const { name, description, owner, tier, schema } = declaration;
  const origin = options.origin ?? row.origin;
  const stored = fromDetailColumns(row);
  const details = declaration.details ?? stored;

  // The stored schema went through JSON, so compare what JSON makes of both.
  const isSameSchema = isDeepStrictEqual(
    JSON.parse(JSON.stringify(schema.avro)),
    current.schema,
  );
  const isSameRest =
    (description ?? null) === row.description &&
    owner === row.owner &&
    tier === row.tier &&
    (location ?? null) === row.location &&
    isDeepStrictEqual(details, stored) &&
    origin === row.origin &&
    row.orphaned_at === null;
  if (isSameSchema && isSameRest) {
    return 'unchanged';
  }

  assertMayChange(row);
  assertDeclarable(declaration, {
    description: row.description ?? undefined,
    schema: parseEventSchema(current.schema),
  });

  let version = row.version;
  let sealingSchema = row.sealing_schema;
  if (!isSameSchema) {
    await assertCompatible(tx, { name, schema, mode: row.compatibility });
    sealingSchema = sealingSchemaOf(
      schema,
      current.row.sealing_schema ?? current.schema,
    );
    version += 1;
    await insertVersion(tx, {
      eventType: name,
      version,
      schema: schema.avro,
      fields: summarizeFields(schema),
      mode: row.compatibility,
      at,
      by,
    });
  }
  await updateEventType(tx, {
    name,
    description,
    owner,
    tier,
    version,
    generation: row.generation + 1,
    origin,
    location,
    sealingSchema,
    adoptedAt: origin === row.origin ? row.adopted_at : at,
    details,
    at,
    by,
  });
  return 'updated';
}

/** What of a row decides whether an event type may still change. */
export type ChangeableRow = Pick<
  EventTypesRow,
  'name' | 'retired_at' | 'withdrawn_at' | 'archived_at'
>;

/**
 * @throws DeclarationConflictError once gateways take no more events of it, or
 * are about to
 */
export function assertMayChange(row: ChangeableRow): void {
  const { name } = row;
  if (row.archived_at) {
    throw new DeclarationConflictError([
      problem(
        'archived',
        '',
        `Event type '${name}' was withdrawn and is archived; its sealed partitions keep the name. Register another one, such as '${name}.v2'`,
      ),
    ]);
  }
  if (row.withdrawn_at) {
    throw new DeclarationConflictError([
      problem(
        'withdrawn',
        '',
        `Event type '${name}' is being withdrawn; undo that to change it`,
      ),
    ]);
  }
  if (row.retired_at) {
    throw new DeclarationConflictError([
      problem(
        'retired',
        '',
        `Event type '${name}' is retired; its successor is the one to change`,
      ),
    ]);
  }
}

/** @throws DeclarationConflictError listing every break of the mode */
async function assertCompatible(
  tx: Knex.Transaction,
  options: { name: string; schema: EventSchema; mode: CompatibilityMode },
): Promise<void> {
  const { name, schema, mode } = options;
  const against = await compareWithVersions(tx, {
    eventType: name,
    next: schema,
    mode,
  });
  const breaks = describeBreaks(judgeDifferences(against, mode));
  if (breaks.length) {
    throw new DeclarationConflictError(breaks);
  }
}

/**
 * The schema that partitions are sealed with from now on, or null when that is
 * the new version itself. Events that were accepted under an earlier version
 * may still be on their way, whatever the mode: they keep their columns.
 *
 * @param current - the schema that partitions are sealed with today
 * @throws DeclarationConflictError when no set of columns takes all versions
 */
export function sealingSchemaOf(next: EventSchema, current: unknown): unknown {
  const before = parseEventSchema(current);
  try {
    const united = uniteSchemas([next, before]);
    return united === next ? null : united.avro;
  } catch (error) {
    if (error instanceof SchemaError) {
      throw new DeclarationConflictError([
        problem(
          'columns_conflict',
          '',
          `The columns of this version and of earlier ones do not go into one partition: ${error.message}`,
        ),
      ]);
    }
    throw error;
  }
}
