import { SchedulerServiceTaskScheduleDefinitionConfig } from '@backstage/backend-plugin-api';
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

    withdrawal?: {
      /**
       * How long withdrawing an event type can be undone. Until then it is
       * accepted as before; afterwards its topics and subscriptions are deleted.
       * Defaults to 7 days.
       */
      grace?: string | HumanDuration;
    };

    /** The registry protocol under `/api/event-types/confluent`. */
    schemaRegistry?: {
      /**
       * Who owns an event type that a client registers as a new subject. The
       * rule with the longest prefix of its name wins. Without a rule, the
       * client has to name the owner with the schema, or is refused.
       */
      newSubjects?: Array<{
        /** Of the event type's name. Defaults to every name. */
        prefix?: string;
        /** A group or user, such as `group:default/shop`. */
        owner: string;
        /** Defaults to `normal`. */
        tier?: 'critical' | 'normal' | 'low';
      }>;
    };
  };

  search?: {
    collators?: {
      /** Making event types findable in the search of the portal. */
      eventTypes?: {
        /**
         * How often the index is made anew. Defaults to every two minutes, with a
         * timeout of ten.
         */
        schedule?: SchedulerServiceTaskScheduleDefinitionConfig;
      };
    };
  };
}
