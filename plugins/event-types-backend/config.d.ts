import { HumanDuration } from '@backstage/types';

export interface Config {
  /** Event types: how they are registered. */
  eventTypes?: {
    catalogIntake?: {
      /**
       * How often declarations (`kind: EventType`) in the catalog are compared
       * with the registered event types. Defaults to 5 seconds.
       *
       * An ISO duration, a human duration such as `5s`, or an object such as
       * `{ seconds: 5 }`.
       */
      interval?: string | HumanDuration;
      /**
       * How long a declaration has to be gone from the catalog before its event
       * type is marked as orphaned. Defaults to 10 minutes.
       */
      orphanAfter?: string | HumanDuration;
    };
    /**
     * How long events may be kept: a closed list that declarations choose from.
     * By default `short` (30 days), `standard` (13 months, the default) and
     * `long` (7 years).
     */
    retention?: {
      /** Id of the class of event types that declare none. */
      default: string;
      classes: Array<{
        /** Lower case letters, digits and `-`. It stays for ever. */
        id: string;
        title: string;
        /** When to choose it. */
        description: string;
        keepDays: number;
      }>;
    };
  };
}
