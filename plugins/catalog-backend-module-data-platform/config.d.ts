import { HumanDuration } from '@backstage/types';

export interface Config {
  catalog?: {
    providers?: {
      eventTypes?: {
        /**
         * How often the catalog reads the registered event types again, beside
         * the changes it is told about. Default: 5 seconds.
         */
        interval?: HumanDuration | string;
      };
    };
  };
}
