import type { EvolvingEventType } from './evolving';

/**
 * How urgent an event type is: sets its lateness objective and who gets scarce
 * capacity first.
 *
 * @public
 */
export type Tier = 'critical' | 'normal' | 'low';

/**
 * Every {@link Tier}, most urgent first.
 *
 * @public
 */
export const TIERS: readonly Tier[] = ['critical', 'normal', 'low'];

/**
 * Where an event type was declared: through the portal (form or HTTP API), or
 * as YAML beside the code, taken in from the catalog.
 *
 * @public
 */
export type EventTypeOrigin = 'portal' | 'catalog';

/**
 * One field of an event type's schema, flattened for people.
 *
 * @public
 */
export interface FieldSummary {
  /** Dotted path inside the event's data, such as `repository.owner.login`. */
  path: string;
  /** The type in words, such as `string` or `array<long>`. */
  type: string;
  required: boolean;
  doc?: string;
  semanticType?: string;
}

/**
 * The type names of the portal's simple field list.
 *
 * @public
 */
export type SimpleFieldType =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'timestamp'
  | 'date'
  | 'json'
  | 'string[]';

/**
 * Every {@link SimpleFieldType}.
 *
 * @public
 */
export const SIMPLE_FIELD_TYPES: readonly SimpleFieldType[] = [
  'string',
  'boolean',
  'integer',
  'number',
  'timestamp',
  'date',
  'json',
  'string[]',
];

/**
 * One row of the portal's simple form: enough for flat events.
 *
 * @public
 */
export interface SimpleField {
  name: string;
  type: SimpleFieldType;
  required: boolean;
  doc?: string;
  semanticType?: string;
}

/**
 * What people say about an event type beside its schema, owner and tier.
 *
 * @public
 */
export interface DeclarationDetails {
  /**
   * Id of a retention class; see `GET /declaration-options`. Without it, the
   * event type follows the default class of the installation.
   */
  retention?: string;
  /** How many events are expected per day. */
  expectedEventsPerDay?: number;
  /** In the form the catalog takes: lower case, words joined by `-`. */
  tags?: string[];
  /** Entity reference of the system it is part of. */
  system?: string;
}

/**
 * What somebody declares an event type to be.
 *
 * @public
 */
export interface EventTypeDeclaration extends DeclarationDetails {
  name: string;
  /** Missing only on event types that were registered before it was asked for. */
  description?: string;
  /** Entity reference of the owner, such as `group:default/webhooks`. */
  owner: string;
  tier: Tier;
  /** An Avro record with Millrace's field annotations. */
  schema: unknown;
}

/**
 * The body of `POST /event-types` and `PUT /event-types/:name`: a declaration
 * whose schema may be given as an Avro record or as a simple field list.
 *
 * @public
 */
export type EventTypeRegistration = Omit<EventTypeDeclaration, 'schema'> &
  (
    | { schema: unknown; fields?: undefined }
    | { fields: SimpleField[]; schema?: undefined }
  );

/**
 * A registered event type at its newest version.
 *
 * @public
 */
export interface EventType extends EvolvingEventType, DeclarationDetails {
  name: string;
  description?: string;
  owner: string;
  tier: Tier;
  /** Number of the newest schema version, from 1. */
  version: number;
  /** Rises by one with every change of anything, schema or not. */
  generation: number;
  origin: EventTypeOrigin;
  /**
   * For origin `catalog`: the location the declaration was read from, such as
   * `url:https://…/event-types.yaml`.
   */
  location?: string;
  /**
   * When the event type changed hands between portal and repository; who did it
   * is in the audit log.
   */
  adoptedAt?: string;
  /**
   * For origin `catalog`: since when its declaration is gone from the catalog.
   * It stays registered and delivers on, until the declaration is back or an
   * owner changes it in the portal, which takes it over.
   */
  orphanedAt?: string;
  /**
   * For origin `catalog`: what is wrong with the newest declaration. While
   * there are problems, the last good declaration stays in force.
   */
  declarationProblems?: DeclarationProblem[];
  /** The Avro record. Lists leave it out unless asked for. */
  schema: unknown;
  fields: FieldSummary[];
  createdAt: string;
  createdBy: string;
  updatedAt: string;
  updatedBy: string;
}

/**
 * An event type as lists carry it.
 *
 * @public
 */
export type EventTypeListItem = Omit<EventType, 'schema' | 'sealingSchema'>;

/**
 * The answer of `GET /event-types`.
 *
 * @public
 */
export interface EventTypeList {
  items: EventTypeListItem[];
}

/**
 * An event type by what changes whenever anything about it does: who knows the
 * event type at this generation and time knows all of it.
 *
 * @public
 */
export type EventTypeGeneration = Pick<
  EventTypeListItem,
  'name' | 'generation' | 'updatedAt'
>;

/**
 * One immutable version of an event type's schema.
 *
 * @public
 */
export interface EventTypeVersion {
  version: number;
  schema: unknown;
  fields: FieldSummary[];
  createdAt: string;
  createdBy: string;
}

/**
 * Something wrong with a declaration, aimed at the place a form can mark.
 *
 * @public
 */
export interface DeclarationProblem {
  /** Machine-readable, from a closed list. */
  code: string;
  /**
   * RFC 6901 pointer into the request body, such as `/schema/fields/2/type`.
   * Incompatibilities of two versions point into the event instead, such as
   * `/data/repository/id`, since the field may be missing from the body.
   */
  pointer: string;
  /** A sentence a person can act on. */
  message: string;
  /** For a field that may hold something about a person: what it probably is. */
  suggestion?: PrivacySuggestion;
}

/**
 * What a field probably is. `certain` and `likely` have to be decided before
 * registering; `possible` is worth a look.
 *
 * @public
 */
export interface PrivacySuggestion {
  /** One of the semantic types of `GET /declaration-options`. */
  semanticType: string;
  confidence: 'certain' | 'likely' | 'possible';
  /** Why, in words that repeat no value of a sample. */
  reason: string;
}

/**
 * The body of `POST /event-types/preview`: exactly one source of a schema.
 *
 * @public
 */
export interface EventTypePreviewRequest {
  name: string;
  /** Example events, each the `data` of one event. */
  samples?: unknown[];
  fields?: SimpleField[];
  /** An Avro record. */
  schema?: unknown;
  /** A JSON Schema (draft-07) document. */
  jsonSchema?: unknown;
}

/**
 * What a registration of the previewed source would hold. `schema` is missing
 * when `problems` prevented building one.
 *
 * @public
 */
export interface EventTypePreview {
  schema?: unknown;
  fields: FieldSummary[];
  problems: DeclarationProblem[];
  /**
   * Fields that probably hold something about a person and are not decided; the
   * pointer is into the answered `schema`.
   */
  privacy: PrivacyFinding[];
}

/**
 * A field that probably holds something about a person.
 *
 * @public
 */
export interface PrivacyFinding extends PrivacySuggestion {
  /** RFC 6901 pointer to the field in an Avro record. */
  pointer: string;
  /** Path in the event, such as `buyer.emails[]`. */
  path: string;
}

/**
 * The topic on Backstage's events service that says "an event type changed".
 * A hint to look again, never the data itself: it may be lost.
 *
 * @public
 */
export const EVENT_TYPES_TOPIC = 'event-types';

/**
 * The payload published on {@link EVENT_TYPES_TOPIC}.
 *
 * @public
 */
export interface EventTypeChangedPayload {
  action: 'changed';
  name: string;
}
