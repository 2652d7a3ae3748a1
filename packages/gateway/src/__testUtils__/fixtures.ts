import {
  ConfigSnapshot,
  hashWriteKeySecret,
  parseWriteKey,
} from '@millrace/ledger';
import {
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from '@millrace/schema';
import { GatewayLogger } from '../options';

/** May send every event type. */
export const ANY_KEY = 'mr_allkeytest_AllTypesAllTypesAllTypesAllTypes_iTXR';
/** May send `shop.refund` only. */
export const REFUND_KEY = 'mr_onekeytest_OneTypeOneTypeOneTypeOneTypeOneT_XnGh';
/** Well-formed, but nobody's. */
export const STRANGER_KEY =
  'mr_strangerkk_NobodyNobodyNobodyNobodyNobodyNo_ZQbB';

const ORDER_SCHEMA = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'orderId', type: 'string' },
    { name: 'amount', type: ['null', 'double'], default: null },
    { name: 'count', type: ['null', 'long'], default: null },
    {
      name: 'extra',
      type: ['null', { type: 'string', logicalType: 'json' }],
      default: null,
    },
  ],
};

function snapshotKey(text: string, eventTypes?: string[]) {
  const { keyId, secret } = parseWriteKey(text)!;
  return {
    keyId,
    secretHash: hashWriteKeySecret(secret),
    kind: 'server' as const,
    eventTypes,
  };
}

export function createSnapshot(
  overrides: Partial<ConfigSnapshot> = {},
): ConfigSnapshot {
  return {
    generation: 1,
    createdAt: '2026-11-21T12:00:00.000Z',
    bucketSeconds: 10,
    eventTypes: ['shop.order', 'shop.refund'].map(name => ({
      name,
      tier: 'normal' as const,
      version: 1,
      schema: ORDER_SCHEMA,
      topic: topicOf(name),
      subscription: subscriptionOf(name),
      refusedTopic: refusedTopicOf(name),
      refusedSubscription: refusedSubscriptionOf(name),
    })),
    writeKeys: [snapshotKey(ANY_KEY), snapshotKey(REFUND_KEY, ['shop.refund'])],
    ...overrides,
  };
}

let lastId = 0;

/** A good event, changed as told; `undefined` takes an attribute away. */
export function event(overrides: Record<string, unknown> = {}): object {
  lastId += 1;
  return {
    specversion: '1.0',
    id: `event-${lastId}`,
    source: '/tests',
    type: 'shop.order',
    data: { orderId: 'o-1' },
    ...overrides,
  };
}

export const silentLogger: GatewayLogger = {
  info: () => {},
  warn: () => {},
  error: () => {},
};
