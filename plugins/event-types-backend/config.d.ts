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
  };
}
