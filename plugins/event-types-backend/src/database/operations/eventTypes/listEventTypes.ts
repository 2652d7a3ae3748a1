import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  Deprecation,
  EventType,
  EventTypeListItem,
  FieldSummary,
  Withdrawal,
} from '@millrace/plugin-event-types-common';
import type { EventTypePermissionFilter } from '@millrace/plugin-event-types-node';
import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';
import { fromDetailColumns } from './detailColumns';
import { whereCriteria } from './whereCriteria';

interface JoinedRow extends EventTypesRow {
  fields: FieldSummary[];
  schema?: unknown;
}

/** An event type as lists carry it. */
export function toListItem(row: JoinedRow): EventTypeListItem {
  return {
    name: row.name,
    description: row.description ?? undefined,
    owner: row.owner,
    tier: row.tier,
    version: row.version,
    generation: row.generation,
    origin: row.origin,
    location: row.location ?? undefined,
    ...fromDetailColumns(row),
    adoptedAt: row.adopted_at?.toISOString(),
    orphanedAt: row.orphaned_at?.toISOString(),
    fields: row.fields,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
    updatedBy: row.updated_by,
    compatibility: row.compatibility,
    deprecation: toDeprecation(row),
    retiredAt: row.retired_at?.toISOString(),
    withdrawal: toWithdrawal(row),
    archivedAt: row.archived_at?.toISOString(),
  };
}

/** What a row says of being withdrawn. */
export function toWithdrawal(row: EventTypesRow): Withdrawal | undefined {
  const { withdrawn_at: at, withdrawal_ends_at: endsAt } = row;
  return at !== null && endsAt !== null
    ? {
        since: at.toISOString(),
        by: row.withdrawn_by ?? 'unknown',
        reason: row.withdrawal_reason ?? '',
        endsAt: endsAt.toISOString(),
        removalBeganAt: row.removal_began_at?.toISOString(),
      }
    : undefined;
}

function toDeprecation(row: EventTypesRow): Deprecation | undefined {
  const { deprecation_message: message, deprecated_at: at } = row;
  return message !== null && at !== null
    ? {
        message,
        since: at.toISOString(),
        by: row.deprecated_by ?? 'unknown',
        endsOn: row.deprecation_ends_on ?? undefined,
        successor: row.deprecation_successor ?? undefined,
      }
    : undefined;
}

function joinedQuery(
  db: Knex,
  options: {
    names?: string[];
    filter?: PermissionCriteria<EventTypePermissionFilter>;
  },
) {
  const query = db('event_types')
    .join('event_type_versions', join =>
      join
        .on('event_type_versions.event_type', 'event_types.name')
        .andOn('event_type_versions.version', 'event_types.version'),
    )
    // Byte order, so that the order does not depend on the database's locale.
    .orderByRaw('event_types.name collate "C"');
  if (options.names) {
    query.whereIn('event_types.name', options.names);
  } else {
    query.whereNull('event_types.archived_at');
  }
  if (options.filter) {
    whereCriteria(query, options.filter);
  }
  return query;
}

/**
 * Event types at their newest version, without schemas, sorted by name; without
 * those that are archived.
 */
export async function listEventTypeItems(
  db: Knex,
  options: { filter?: PermissionCriteria<EventTypePermissionFilter> },
): Promise<EventTypeListItem[]> {
  const rows: JoinedRow[] = await joinedQuery(db, options).select(
    'event_types.*',
    'event_type_versions.fields',
  );
  return rows.map(toListItem);
}

/**
 * Event types at their newest version, with schemas, sorted by name. An archived
 * one is among them only where it is asked for by its name.
 */
export async function listEventTypes(
  db: Knex,
  options: {
    names?: string[];
    filter?: PermissionCriteria<EventTypePermissionFilter>;
  },
): Promise<EventType[]> {
  const rows: JoinedRow[] = await joinedQuery(db, options).select(
    'event_types.*',
    'event_type_versions.fields',
    'event_type_versions.schema',
  );
  return rows.map(row => ({
    ...toListItem(row),
    schema: row.schema,
    sealingSchema: row.sealing_schema ?? undefined,
  }));
}
