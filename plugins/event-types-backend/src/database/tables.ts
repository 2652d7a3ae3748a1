import type {
  CompatibilityMode,
  DeclarationProblem,
  EventTypeOrigin,
  FieldSummary,
  MajorState,
  Tier,
} from '@millrace/plugin-event-types-common';

/** A row of `event_types`. */
export interface EventTypesRow {
  name: string;
  description: string | null;
  owner: string;
  tier: Tier;
  version: number;
  generation: number;
  origin: EventTypeOrigin;
  location: string | null;
  retention: string | null;
  /** A bigint, which the driver gives as text. */
  expected_events_per_day: string | null;
  tags: string[] | null;
  system: string | null;
  adopted_at: Date | null;
  orphaned_at: Date | null;
  created_at: Date;
  created_by: string;
  updated_at: Date;
  updated_by: string;
  compatibility: CompatibilityMode;
  /** Takes events of all versions; null when the newest schema does. */
  sealing_schema: unknown;
  deprecation_message: string | null;
  deprecated_at: Date | null;
  deprecated_by: string | null;
  /** YYYY-MM-DD. */
  deprecation_ends_on: string | null;
  deprecation_successor: string | null;
  retired_at: Date | null;
  withdrawn_at: Date | null;
  withdrawn_by: string | null;
  withdrawal_reason: string | null;
  withdrawal_ends_at: Date | null;
  /** The grace was over; it is being taken down. */
  removal_began_at: Date | null;
  archived_at: Date | null;
}

/** A row of `event_type_versions`, as read. */
export interface EventTypeVersionsRow {
  event_type: string;
  version: number;
  schema: unknown;
  fields: FieldSummary[];
  created_at: Date;
  created_by: string;
  mode: CompatibilityMode | null;
}

/** A row of `event_type_fields`: a field of the newest version. */
export interface EventTypeFieldsRow {
  event_type: string;
  /** In its version, from 0. */
  position: number;
  path: string;
  type: string;
  required: boolean;
  doc: string | null;
  semantic_type: string | null;
  since_version: number;
}

/** A row of `major_versions`, as read. */
export interface MajorVersionsRow {
  id: string;
  predecessor: string;
  successor: string;
  state: MajorState;
  reason: string;
  schema: unknown;
  fields: FieldSummary[];
}

/** A row of `major_version_steps`. */
export interface MajorVersionStepsRow {
  major: string;
  state: MajorState;
  at: Date;
  by: string;
  note: string | null;
}

/** A row of `declaration_problems`, as read. */
export interface DeclarationProblemsRow {
  entity_ref: string;
  event_type: string;
  location: string | null;
  problems: DeclarationProblem[];
  recorded_at: Date;
}
