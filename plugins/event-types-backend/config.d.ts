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
}
