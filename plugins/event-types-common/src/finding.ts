import type { EventTypeListItem, FieldSummary, Tier } from './types';

/**
 * How an event type is declared, the gravest first: `retired`, gateways take no
 * more events of it; `withdrawn`, somebody wants it gone; `refused`, its newest declaration was not taken in, an
 * earlier one is in force; `orphaned`, its declaration is gone from the catalog;
 * `deprecated`, producers are to stop; `in-force`, none of these.
 *
 * @public
 */
export type DeclarationState =
  | 'retired'
  | 'withdrawn'
  | 'refused'
  | 'orphaned'
  | 'deprecated'
  | 'in-force';

/**
 * Every {@link DeclarationState}, the gravest first.
 *
 * @public
 */
export const DECLARATION_STATES: readonly DeclarationState[] = [
  'retired',
  'withdrawn',
  'refused',
  'orphaned',
  'deprecated',
  'in-force',
];

/**
 * Stands for every semantic type that is about a person, where semantic types
 * narrow a list.
 *
 * @public
 */
export const ANY_PERSONAL = 'personal';

/**
 * What event types may be sorted by; equal ones by name.
 *
 * @public
 */
export type EventTypeSort = 'name' | 'owner' | 'tier' | 'version' | 'updated';

/**
 * Every {@link EventTypeSort}.
 *
 * @public
 */
export const EVENT_TYPE_SORTS: readonly EventTypeSort[] = [
  'name',
  'owner',
  'tier',
  'version',
  'updated',
];

/**
 * What fields may be sorted by: where they stand, or their own name.
 *
 * @public
 */
export type FieldSort = 'event-type' | 'path';

/**
 * Every {@link FieldSort}.
 *
 * @public
 */
export const FIELD_SORTS: readonly FieldSort[] = ['event-type', 'path'];

/**
 * What narrows a list of event types. What is missing narrows nothing; of several
 * values of one property, any will do; of several properties, all have to hold.
 *
 * @public
 */
export interface EventTypeCriteria {
  /** Words that all have to occur in name, description, owner or tags. */
  text?: string;
  /** Entity references. */
  owners?: string[];
  tiers?: Tier[];
  states?: DeclarationState[];
  /** Of any field; {@link ANY_PERSONAL} stands for all that are about a person. */
  semanticTypes?: string[];
  /** Only what the caller owns, alone or with a group. */
  isMine?: boolean;
}

/**
 * What narrows a list of fields; see {@link EventTypeCriteria}.
 *
 * @public
 */
export interface FieldCriteria {
  /** Words that all have to occur in path, description or event type. */
  text?: string;
  /** Names of event types. */
  eventTypes?: string[];
  /** Whole paths, such as `buyer.emails[]`. */
  paths?: string[];
  owners?: string[];
  semanticTypes?: string[];
  isMine?: boolean;
}

/**
 * Which page of a list.
 *
 * @public
 */
export interface PageRequest<TSort extends string> {
  /** Between 1 and 200; 50 by default. */
  limit?: number;
  /** From the answer before; without it the page is the first. */
  cursor?: string;
  /** With `-` in front: descending. */
  sort?: TSort | `-${TSort}`;
}

/**
 * How many there would be if this value were the choice, everything else staying
 * as it is.
 *
 * @public
 */
export interface FacetCount {
  value: string;
  count: number;
}

/**
 * An event type on a page of the list: without schema and fields, but with what
 * they come to.
 *
 * @public
 */
export interface FoundEventType extends Omit<EventTypeListItem, 'fields'> {
  state: DeclarationState;
  fieldCount: number;
  /** Of its fields, each once. */
  semanticTypes: string[];
  /** Where they were asked for. */
  fields?: FieldSummary[];
}

/**
 * The answer of `GET /event-types` when a page is asked for. Counts are of the
 * same moment as each other, and of what the caller may read.
 *
 * @public
 */
export interface EventTypePage {
  items: FoundEventType[];
  /** How many fit. */
  total: number;
  /** How many there are without any narrowing. */
  readable: number;
  /** Of those that fit. */
  owners: number;
  tiers: { [tier in Tier]: number };
  /** Missing on the last page. */
  nextCursor?: string;
  /** Missing on the first page. */
  previousCursor?: string;
  facets: {
    owner: FacetCount[];
    tier: FacetCount[];
    state: FacetCount[];
    semanticType: FacetCount[];
  };
}

/**
 * A field of the newest version of an event type.
 *
 * @public
 */
export interface FoundField extends FieldSummary {
  eventType: string;
  /** Entity reference of the event type's owner. */
  owner: string;
  tier: Tier;
  /** The version since which it has been there without a gap. */
  sinceVersion: number;
}

/**
 * The answer of `GET /fields`.
 *
 * @public
 */
export interface FieldPage {
  items: FoundField[];
  /** How many fit. */
  total: number;
  /** Of how many event types those are. */
  eventTypes: number;
  /** How many there are without any narrowing. */
  readable: number;
  nextCursor?: string;
  previousCursor?: string;
  facets: {
    owner: FacetCount[];
    semanticType: FacetCount[];
  };
}

/**
 * The type of the documents that the portal's search finds event types by.
 *
 * @public
 */
export const EVENT_TYPE_DOCUMENT_TYPE = 'event-type';

/**
 * What the search of the portal knows of an event type, beside the title, text
 * and location that every document has.
 *
 * @public
 */
export interface EventTypeDocument {
  name: string;
  description?: string;
  /** Entity reference. */
  owner: string;
  tier: Tier;
  state: DeclarationState;
  version: number;
  fieldCount: number;
  /** Of its fields, each once. */
  semanticTypes: string[];
  tags: string[];
}
