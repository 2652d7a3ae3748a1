import type { WriteKey } from '@millrace/plugin-delivery-common';

/** A key of a server that is in use. */
export function writeKey(overrides: Partial<WriteKey> = {}): WriteKey {
  return {
    keyId: 'k1',
    name: 'Checkout',
    producer: 'checkout',
    kind: 'server',
    eventTypes: ['repository.pushed'],
    owner: 'group:default/webhooks',
    createdAt: '2026-11-20T10:00:00Z',
    createdBy: 'user:default/owner',
    state: 'live',
    use: {
      requests: 12,
      events: 1204,
      refusedRequests: 0,
      lastUsedAt: new Date(Date.now() - 3000).toISOString(),
      gateways: [
        {
          gateway: 'gateway-1',
          requests: 12,
          events: 1204,
          refusedRequests: 0,
          lastUsedAt: new Date(Date.now() - 3000).toISOString(),
        },
      ],
    },
    ...overrides,
  };
}
