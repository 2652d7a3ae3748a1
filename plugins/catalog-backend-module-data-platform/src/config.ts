import { type Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';

/** The type of durations in schedules. */
type Interval = ReturnType<typeof readDurationFromConfig>;

const DEFAULT_INTERVAL: Interval = { seconds: 5 };

/** How often the catalog's picture of event types is compared. */
export function readRefreshIntervalFromConfig(config: Config): Interval {
  const key = 'catalog.providers.eventTypes.interval';
  if (!config.has(key)) {
    return DEFAULT_INTERVAL;
  }
  try {
    return readDurationFromConfig(config, { key });
  } catch (error) {
    throw new InputError(
      `Invalid ${key}, expected a duration such as 'PT5S' or '{ seconds: 5 }'`,
      error,
    );
  }
}
