import { type DeclarationDetails, detailsOf } from '@millrace/schema';
import type { EventTypesRow } from '../../tables';

/** The columns of `event_types` that hold the details of a declaration. */
type DetailColumns = Pick<
  EventTypesRow,
  'retention' | 'expected_events_per_day' | 'tags' | 'system'
>;

/** Details as they are stored: what was not said is null. */
export function toDetailColumns(details: DeclarationDetails): {
  [column in keyof DetailColumns]: string | null;
} {
  const { retention, expectedEventsPerDay, tags, system } = details;
  return {
    retention: retention ?? null,
    expected_events_per_day: expectedEventsPerDay?.toString() ?? null,
    tags: tags ? JSON.stringify(tags) : null,
    system: system ?? null,
  };
}

/** Details as they were declared. */
export function fromDetailColumns(row: DetailColumns): DeclarationDetails {
  return detailsOf({
    retention: row.retention ?? undefined,
    expectedEventsPerDay:
      row.expected_events_per_day === null
        ? undefined
        : Number(row.expected_events_per_day),
    tags: row.tags ?? undefined,
    system: row.system ?? undefined,
  });
}
