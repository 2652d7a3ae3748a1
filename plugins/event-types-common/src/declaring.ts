import type {
  DeclarationProblem,
  EventTypeOrigin,
  EventTypeRegistration,
  FieldSummary,
  PrivacyFinding,
  Tier,
} from './types';

/**
 * How long the events of a type are kept, as the installation offers it.
 *
 * @public
 */
export interface RetentionClass {
  id: string;
  title: string;
  description: string;
  keepDays: number;
  isDefault: boolean;
}

/**
 * The answer of `GET /declaration-options`: what a declaration may choose from.
 *
 * @public
 */
export interface DeclarationOptions {
  tiers: readonly Tier[];
  retentionClasses: RetentionClass[];
  semanticTypes: Array<{
    id: string;
    title: string;
    description: string;
    isPersonal: boolean;
  }>;
  limits: {
    descriptionCharacters: number;
    tags: number;
    expectedEventsPerDay: number;
  };
}

/**
 * The answer of `GET /event-types/:name/availability`.
 *
 * - `free`: it can be registered.
 * - `taken`: an event type or a declaration has it; `takenBy` says which, if the
 *   caller may read it.
 * - `invalid`: it breaks the naming rule; `problems` says how.
 * - `too-similar`: it differs from a registered name only in `.`, `_` and `-`,
 *   and so could not be told from it in generated code.
 *
 * @public
 */
export interface NameAvailability {
  name: string;
  status: 'free' | 'taken' | 'invalid' | 'too-similar';
  problems: DeclarationProblem[];
  takenBy?: NameHolder;
  /**
   * Names that are hardly different, most alike first: perhaps what is wanted is
   * there already.
   */
  similar: NameHolder[];
}

/**
 * A registered event type, as far as a choice of names needs it.
 *
 * @public
 */
export interface NameHolder {
  name: string;
  description?: string;
  owner: string;
  origin: EventTypeOrigin;
  location?: string;
}

/**
 * The body of `POST /event-types/review`: a registration; with samples of events,
 * its volume is measured on them, and its fields are judged by them.
 *
 * @public
 */
export type DeclarationReviewRequest = EventTypeRegistration & {
  samples?: unknown[];
};

/**
 * The answer of `POST /event-types/review`: what registering would do, and what
 * is in its way. Nothing is written.
 *
 * @public
 */
export interface DeclarationReview {
  /** Whether registering would succeed, as far as can be told now. */
  isReady: boolean;
  action: 'create' | 'new-version' | 'update' | 'unchanged' | 'refused';
  /** What is in the way, with pointers into the request body. */
  problems: DeclarationProblem[];
  /** What is worth a look and in nobody's way. */
  hints: DeclarationProblem[];
  /** The Avro record that would be registered. */
  schema?: unknown;
  fields: FieldSummary[];
  /** Undecided fields, possible ones included; pointers into `schema`. */
  privacy: PrivacyFinding[];
  /** What is, or would be, there under the name. */
  resources?: {
    eventType: string;
    version: number;
    topic: string;
    subscription: string;
    refusedTopic: string;
    refusedSubscription: string;
    dataEndpoint: string;
    partitions: {
      /** Length of a partition in seconds. */
      seconds: number;
      perDay: number;
    };
    retention: RetentionClass;
  };
  compatibility?: {
    againstVersion: number;
    isCompatible: boolean;
  };
  volume?: {
    eventsPerDay?: number;
    /** Of the data of one event as JSON, before compression. */
    bytesPerEvent: number;
    bytesPerDay?: number;
    /** What the retention class keeps, before compression. */
    bytesKept?: number;
    /** `samples`: measured on those sent along; `schema`: a rough guess. */
    basis: 'samples' | 'schema';
  };
}

/**
 * A declaration that somebody has not finished, kept for them alone.
 *
 * @public
 */
export interface DeclarationDraft {
  id: string;
  /** Rises by one with every save. */
  revision: number;
  /** What the draft is called in a list. */
  title?: string;
  /** Whatever the form needs to go on. */
  content: { [key: string]: unknown };
  createdAt: string;
  updatedAt: string;
  /** When it is deleted, unless it is saved again before. */
  expiresAt: string;
}

/**
 * The answer of `GET /drafts`: newest first, without contents.
 *
 * @public
 */
export interface DeclarationDraftList {
  items: Array<Omit<DeclarationDraft, 'content'>>;
}

/**
 * The body of `PUT /drafts/:id`.
 *
 * @public
 */
export interface DeclarationDraftRequest {
  title?: string;
  content: { [key: string]: unknown };
  /** Refuses the save when the draft is at another revision: another window. */
  ifRevision?: number;
}
