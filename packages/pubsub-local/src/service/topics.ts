import { type protos } from '@google-cloud/pubsub';
import { type TopicSettings } from '../delivery';
import { type StoredTopic } from '../store';
import { DAY_SECONDS, parseSeconds } from './durations';
import { parseResourceName } from './names';
import { refuseSettings } from './unserved';
import { type UpdateRules } from './updateMask';

type Topic = protos.google.pubsub.v1.ITopic;

export const RETENTION_RANGE = { min: 600, max: 31 * DAY_SECONDS };

const unserved = [
  'messageStoragePolicy',
  'kmsKeyName',
  'schemaSettings',
  'ingestionDataSourceSettings',
  'messageTransforms',
  'tags',
] as const;

export const topicUpdateRules: UpdateRules<Topic> = {
  resource: 'Topic',
  mutable: ['labels', 'messageRetentionDuration'],
  immutable: ['name', 'state', 'satisfiesPzs'],
  unserved,
};

/**
 * @throws RpcError INVALID_ARGUMENT, or UNIMPLEMENTED for settings the broker
 *   would have to ignore
 */
export function parseTopic(topic: Topic): TopicSettings {
  refuseSettings('Topic', topic, unserved);
  const retention = topic.messageRetentionDuration;
  return {
    name: parseResourceName('topics', topic.name),
    labels: topic.labels ?? {},
    ...(retention && {
      retentionSeconds: parseSeconds(
        'message_retention_duration',
        retention,
        RETENTION_RANGE,
      ),
    }),
  };
}

export function asTopic(topic: StoredTopic): Topic {
  const { name, labels, retentionSeconds } = topic;
  return {
    name,
    labels,
    state: 'ACTIVE',
    ...(retentionSeconds !== undefined && {
      messageRetentionDuration: { seconds: retentionSeconds },
    }),
  };
}
