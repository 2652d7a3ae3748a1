import { type Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { HumanDuration } from '@backstage/types';

const DEFAULT_INTAKE_INTERVAL: HumanDuration = { seconds: 5 };

/** How often the catalog's declarations are taken in. */
export function readIntakeIntervalFromConfig(config: Config): HumanDuration {
  const key = 'eventTypes.catalogIntake.interval';
  if (!config.has(key)) {
    return DEFAULT_INTAKE_INTERVAL;
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
