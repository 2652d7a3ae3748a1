import { type Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds } from '@backstage/types';
import type { Tier } from '@millrace/plugin-event-types-common';
import {
  defaultLatenessObjectivesMs,
  parseBucketDuration,
} from '@millrace/schema';

/**
 * How this installation delivers events, as far as a contract tells it. Where
 * no delivery is configured, there are the defaults and no servers.
 */
export interface DeliveryFacts {
  bucketSeconds: number;
  latenessObjectivesMs: { [tier in Tier]: number };
  /** The project of topics, when there is a broker. */
  projectId?: string;
  lake?: { kind: 'folder' } | { kind: 'cloud-storage'; root: string };
  bigQuery?: { project: string; dataset: string };
}

/** Reads what the delivery family is configured with. */
export function readDeliveryFactsFromConfig(config: Config): DeliveryFacts {
  const delivery = config.getOptionalConfig('delivery');
  const bucketSeconds = parseBucketDuration(
    delivery?.getOptionalString('bucket') ?? 'PT1H',
  );
  const defaults = defaultLatenessObjectivesMs(bucketSeconds);
  const objective = (tier: Tier) =>
    delivery?.has(`lateness.${tier}`)
      ? durationToMilliseconds(
          readDurationFromConfig(delivery, { key: `lateness.${tier}` }),
        )
      : defaults[tier];
  const projectId = delivery?.getOptionalString('projectId') ?? 'millrace';
  const root = delivery?.getOptionalString('lake.root');
  const dataset = delivery?.getOptionalString('sinks.bigQuery.dataset');
  return {
    bucketSeconds,
    latenessObjectivesMs: {
      critical: objective('critical'),
      normal: objective('normal'),
      low: objective('low'),
    },
    ...(delivery && { projectId }),
    ...(root !== undefined && {
      lake: root.startsWith('gs://')
        ? { kind: 'cloud-storage', root: root.replace(/\/$/, '') }
        : { kind: 'folder' },
    }),
    ...(dataset !== undefined && { bigQuery: bigQueryOf(dataset, projectId) }),
  };
}

/** `events`, or `my-project.events`. */
function bigQueryOf(text: string, projectId: string) {
  const dot = text.lastIndexOf('.');
  return {
    project: dot < 0 ? projectId : text.slice(0, dot),
    dataset: text.slice(dot + 1),
  };
}
