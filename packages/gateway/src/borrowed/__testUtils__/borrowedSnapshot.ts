import type { ConfigSnapshot } from '@millrace/ledger';
import {
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from '@millrace/schema';
import {
  ANY_KEY,
  createSnapshot,
  REFUND_KEY,
} from '../../__testUtils__/fixtures';

/** The write key of no producer. */
export const APP_KEY = ANY_KEY;
/** The write key of the producer 'Web Shop'. */
export const SHOP_KEY = REFUND_KEY;

const optional = (name: string, type: unknown = 'string') => ({
  name,
  type: ['null', type],
});
const JSON_TYPE = { type: 'string', logicalType: 'json' };

/** Fields that every call of the Segment and RudderStack clients may have. */
const CALL_FIELDS = [
  optional('userId'),
  optional('anonymousId'),
  optional('context', JSON_TYPE),
];

const ORDER_COMPLETED = [
  { name: 'event', type: 'string' },
  {
    name: 'properties',
    type: {
      type: 'record',
      name: 'properties',
      fields: [
        { name: 'orderId', type: 'string' },
        { name: 'total', type: 'double' },
      ],
    },
  },
  ...CALL_FIELDS,
];

const FIELDS: Record<string, object[]> = {
  'app.order_completed': ORDER_COMPLETED,
  'web_shop.order_completed': ORDER_COMPLETED,
  'app.identify': [optional('traits', JSON_TYPE), ...CALL_FIELDS],
  'app.page': [optional('name'), ...CALL_FIELDS],
  'app.screen': [optional('name'), ...CALL_FIELDS],
  'app.group': [optional('groupId'), ...CALL_FIELDS],
  'app.alias': [optional('previousId'), ...CALL_FIELDS],
  'shop.order_paid': [
    { name: 'orderId', type: 'string' },
    optional('cents', 'long'),
    optional('items', { type: 'array', items: JSON_TYPE }),
    optional('body', JSON_TYPE),
    optional('otel', JSON_TYPE),
  ],
};

/** A config snapshot with event types as borrowed clients need them. */
export function borrowedSnapshot(): ConfigSnapshot {
  const snapshot = createSnapshot();
  const [appKey, shopKey] = snapshot.writeKeys;
  return {
    ...snapshot,
    eventTypes: Object.entries(FIELDS).map(([name, fields]) => ({
      name,
      tier: 'normal',
      version: 1,
      schema: { type: 'record', name: 'call', fields },
      topic: topicOf(name),
      subscription: subscriptionOf(name),
      refusedTopic: refusedTopicOf(name),
      refusedSubscription: refusedSubscriptionOf(name),
    })),
    writeKeys: [
      appKey,
      { ...shopKey, producer: 'Web Shop', eventTypes: undefined },
    ],
  };
}
