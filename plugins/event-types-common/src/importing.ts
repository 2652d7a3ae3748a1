import type { DeclarationReview } from './declaring';
import type { DeclarationProblem, FieldSummary } from './types';
import type { VersionDifference } from './versions';

/**
 * Something wrong with a declaration as code, and where.
 *
 * @public
 */
export interface DeclarationTextProblem extends DeclarationProblem {
  /** Of the text that was sent, from 1; missing where it is about no place. */
  line?: number;
}

/**
 * A part of a declaration, beside its schema, that would become another one.
 *
 * @public
 */
export interface DeclarationPartDifference {
  part:
    | 'description'
    | 'owner'
    | 'tier'
    | 'tags'
    | 'system'
    | 'retention'
    | 'expectedEventsPerDay';
  /** In words; missing when it is not said today. */
  old?: string;
  /** In words; missing when it would not be said any more. */
  new?: string;
}

/**
 * The answer of `POST /declarations/check` and of
 * `POST /event-types/:name/declaration/check`: what taking a declaration in would
 * do. Nothing is written.
 *
 * @public
 */
export interface DeclarationImportReview {
  /** Of the event type the text declares, as far as it can be read. */
  name?: string;
  /** Whether taking it in would succeed, as far as can be told now. */
  isReady: boolean;
  action: DeclarationReview['action'];
  /**
   * Whether the event type would pass from a repository, in which its
   * declaration is gone, into the hands of the portal.
   */
  isTakeOver: boolean;
  /** What is in the way, with pointers into the text. */
  problems: DeclarationTextProblem[];
  /** What is worth a look and in nobody's way. */
  hints: DeclarationTextProblem[];
  /** What differs from what is registered, beside the schema. */
  parts: DeclarationPartDifference[];
  /** What differs from the registered schema. */
  differences: VersionDifference[];
  fields: FieldSummary[];
  /** The number the newest version would have. */
  version?: number;
  /** Of the event type it was compared with; missing when it would be new. */
  generation?: number;
}
