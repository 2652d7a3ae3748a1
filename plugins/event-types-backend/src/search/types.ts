import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  EventTypeCriteria,
  EventTypePage,
  EventTypeSort,
  FieldCriteria,
  FieldPage,
  FieldSort,
} from '@millrace/plugin-event-types-common';
import type { EventTypePermissionFilter } from '@millrace/plugin-event-types-node';
import type { PagePosition } from './cursor';

/** Which page of event types is asked for, parsed. */
export interface FindEventTypesRequest {
  criteria: EventTypeCriteria;
  page: PagePosition<EventTypeSort>;
  /** Whether the fields of each come along. */
  withFields?: boolean;
}

/** Which page of fields is asked for, parsed. */
export interface FindFieldsRequest {
  criteria: FieldCriteria;
  page: PagePosition<FieldSort>;
}

/** What a permission decision and the caller's groups add to a request. */
export interface Scope {
  /** What may be read; everything when missing. */
  filter?: PermissionCriteria<EventTypePermissionFilter>;
  /** By which references the caller owns things. */
  ownershipRefs: readonly string[];
}

/**
 * Finds event types and their fields, a page at a time.
 *
 * Guarantees: an answer takes the same few statements however many event types
 * there are; pages follow each other without gaps and without anything twice,
 * as far as nothing that they are sorted by changes meanwhile; page and counts
 * are of one moment.
 */
export interface EventTypeFinder {
  findEventTypes(
    request: FindEventTypesRequest,
    options: { credentials: BackstageCredentials },
  ): Promise<EventTypePage>;

  findFields(
    request: FindFieldsRequest,
    options: { credentials: BackstageCredentials },
  ): Promise<FieldPage>;
}
