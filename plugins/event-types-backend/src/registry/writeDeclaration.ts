import { isDeepStrictEqual } from 'node:util';
import type { EventTypeOrigin } from '@millrace/plugin-event-types-common';
import {
  compareSchemas,
  parseEventSchema,
  summarizeFields,
} from '@millrace/schema';
import type { Knex } from 'knex';
import { insertEventType } from '../database/operations/eventTypes/insertEventType';
import type { LockedEventType } from '../database/operations/eventTypes/lockEventType';
import { updateEventType } from '../database/operations/eventTypes/updateEventType';
import { insertVersion } from '../database/operations/versions/insertVersion';
import { fromDetailColumns } from '../database/operations/eventTypes/detailColumns';
import {
  assertDeclarable,
  assertNameDiffers,
} from '../declarations/judgeDeclaration';
import { DeclarationConflictError } from '../errors';
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
  },
): Promise<boolean> {
  const { declaration, origin, location, at, by } = options;
  const { name, description, owner, tier, schema, details } = declaration;
  const isInserted = await insertEventType(tx, {
    name,
    description,
    owner,
    tier,
    origin,
    location,
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

  assertDeclarable(declaration, {
    description: row.description ?? undefined,
    schema: parseEventSchema(current.schema),
  });

  let version = row.version;
  if (!isSameSchema) {
    const incompatibilities = compareSchemas(
      parseEventSchema(current.schema),
      schema,
    );
    if (incompatibilities.length) {
      throw new DeclarationConflictError(incompatibilities);
    }
    version += 1;
    await insertVersion(tx, {
      eventType: name,
      version,
      schema: schema.avro,
      fields: summarizeFields(schema),
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
    adoptedAt: origin === row.origin ? row.adopted_at : at,
    details,
    at,
    by,
  });
  return 'updated';
}
