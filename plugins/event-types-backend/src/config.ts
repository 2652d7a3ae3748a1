import { type Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds, type HumanDuration } from '@backstage/types';
import type { RetentionClass } from '@millrace/plugin-event-types-common';
import { parseBucketDuration } from '@millrace/schema';

const DEFAULT_INTAKE_INTERVAL: HumanDuration = { seconds: 5 };
const DEFAULT_ORPHAN_AFTER: HumanDuration = { minutes: 10 };
const DEFAULT_BUCKET = 'PT1H';

/**
 * Offered where none are configured: the span of most inquiries, a year with the
 * same month of the year before, and what auditors ask for.
 */
const DEFAULT_CLASSES: readonly RetentionClass[] = [
  {
    id: 'short',
    title: '30 days',
    description: 'For following up on errors and trying things out.',
    keepDays: 30,
    isDefault: false,
  },
  {
    id: 'standard',
    title: '13 months',
    description: 'A year, and the month to compare it with.',
    keepDays: 396,
    isDefault: true,
  },
  {
    id: 'long',
    title: '7 years',
    description: 'Where books or the law ask for it.',
    keepDays: 2557,
    isDefault: false,
  },
];

const DEFAULT_GRACE: HumanDuration = { days: 7 };

/** How often the catalog's declarations are taken in. */
export function readIntakeIntervalFromConfig(config: Config): HumanDuration {
  return readDuration(
    config,
    'eventTypes.catalogIntake.interval',
    DEFAULT_INTAKE_INTERVAL,
    'PT5S',
  );
}

/** How long a declaration is gone before its event type is orphaned; ms. */
export function readOrphanAfterMsFromConfig(config: Config): number {
  const duration = readDuration(
    config,
    'eventTypes.catalogIntake.orphanAfter',
    DEFAULT_ORPHAN_AFTER,
    'PT10M',
  );
  return durationToMilliseconds(duration);
}

/** How long withdrawing an event type can be undone; ms. */
export function readGraceMsFromConfig(config: Config): number {
  return durationToMilliseconds(
    readDuration(config, 'eventTypes.withdrawal.grace', DEFAULT_GRACE, 'P7D'),
  );
}

function readDuration(
  config: Config,
  key: string,
  otherwise: HumanDuration,
  example: string,
): HumanDuration {
  if (!config.has(key)) {
    return otherwise;
  }
  try {
    return readDurationFromConfig(config, { key });
  } catch (error) {
    throw new InputError(
      `Invalid ${key}, expected a duration such as '${example}' or '{ seconds: 5 }'`,
      error,
    );
  }
}

/**
 * The retention classes of the installation: a closed list, one of them the
 * default.
 *
 * @throws InputError with the key and the right form
 */
export function readRetentionClassesFromConfig(
  config: Config,
): RetentionClass[] {
  const key = 'eventTypes.retention';
  const section = config.getOptionalConfig(key);
  const listed = section?.getOptionalConfigArray('classes') ?? [];
  if (!section || listed.length === 0) {
    return DEFAULT_CLASSES.map(each => ({ ...each }));
  }
  const defaultId = section.getString('default');
  const classes = listed.map((each, index): RetentionClass => {
    const id = each.getString('id');
    const keepDays = each.getNumber('keepDays');
    if (id.length > 63 || !/^[a-z0-9][a-z0-9-]*$/.test(id)) {
      throw new InputError(
        `Invalid ${key}.classes[${index}].id, expected lower case letters, digits and -, such as 'standard'`,
      );
    }
    if (!Number.isSafeInteger(keepDays) || keepDays < 1) {
      throw new InputError(
        `Invalid ${key}.classes[${index}].keepDays, expected a whole number of days such as 396`,
      );
    }
    return {
      id,
      title: each.getString('title'),
      description: each.getString('description'),
      keepDays,
      isDefault: id === defaultId,
    };
  });
  if (new Set(classes.map(({ id }) => id)).size !== classes.length) {
    throw new InputError(`Invalid ${key}.classes, two of them have one id`);
  }
  if (!classes.some(({ isDefault }) => isDefault)) {
    throw new InputError(
      `Invalid ${key}.default, expected the id of one of its classes: ${classes
        .map(({ id }) => id)
        .join(', ')}`,
    );
  }
  return classes;
}

/**
 * Length of a partition in seconds, to tell people what registering makes. The
 * delivery family owns this setting; without it, its default holds.
 */
export function readBucketSecondsFromConfig(config: Config): number {
  return parseBucketDuration(
    config.getOptionalString('delivery.bucket') ?? DEFAULT_BUCKET,
  );
}
