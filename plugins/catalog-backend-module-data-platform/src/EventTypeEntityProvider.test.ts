import { mockServices } from '@backstage/backend-test-utils';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import type { EventsServiceSubscribeOptions } from '@backstage/plugin-events-node';
import type { EventType } from '@millrace/plugin-event-types-common';
import { EventTypeEntityProvider } from './EventTypeEntityProvider';
import { eventType } from './__testUtils__/eventType';

async function connected(
  list: () => Promise<EventType[]>,
  now: () => number = () => 0,
) {
  const mutations: EntityProviderMutation[] = [];
  const subscriptions: EventsServiceSubscribeOptions[] = [];
  const scheduled: Array<() => unknown> = [];
  const logger = mockServices.logger.mock();
  const provider = new EventTypeEntityProvider({
    auth: mockServices.auth(),
    events: mockServices.events.mock({
      subscribe: async options => {
        subscriptions.push(options);
      },
    }),
    eventTypes: {
      listEventTypes: list,
      getEventType: async () => undefined,
      archiveEventType: async () => {},
    },
    logger,
    now,
    taskRunner: {
      run: async task => {
        scheduled.push(() => task.fn(new AbortController().signal));
      },
    },
  });
  await provider.connect({
    applyMutation: async mutation => {
      mutations.push(mutation);
    },
    refresh: async () => {},
  });
  const refsOf = (mutation: EntityProviderMutation | undefined) =>
    mutation?.type === 'full'
      ? mutation.entities.map(
          ({ entity }) => `${entity.kind}:${entity.metadata.name}`,
        )
      : undefined;
  return {
    mutations,
    logger,
    refs: () => refsOf(mutations.at(-1)),
    onSchedule: () => scheduled[0](),
    onHint: () =>
      subscriptions[0].onEvent({
        topic: subscriptions[0].topics[0],
        eventPayload: { action: 'changed', name: 'push' },
      }),
  };
}

describe('EventTypeEntityProvider', () => {
  it('emits what the portal registered, and an endpoint for everything', async () => {
    const { mutations, refs, onSchedule } = await connected(async () => [
      eventType({ name: 'by.form' }),
      eventType({ name: 'by.yaml', origin: 'catalog' }),
    ]);
    await onSchedule();
    expect(refs()).toEqual([
      'EventType:by.form',
      'DataEndpoint:by.form',
      'DataEndpoint:by.yaml',
    ]);
    expect(mutations[0]).toMatchObject({
      type: 'full',
      entities: [
        {
          entity: {
            metadata: {
              annotations: {
                'millrace.io/origin': 'portal',
                'backstage.io/managed-by-location': 'event-types:by.form',
                'backstage.io/managed-by-origin-location':
                  'event-types:by.form',
              },
            },
            spec: {
              owner: 'group:default/webhooks',
              tier: 'critical',
              version: 3,
              fieldCount: 1,
            },
          },
        },
        {
          entity: {
            spec: {
              type: 'events',
              deliveredFrom: 'eventtype:default/by.form',
            },
          },
        },
        {},
      ],
    });
  });

  it('brings back, marked, what no file declares any more, and claims nothing for itself', async () => {
    const orphanedAt = '2026-11-21T00:00:00.000Z';
    const { mutations, refs, onSchedule } = await connected(async () => [
      eventType({
        name: 'orphan',
        origin: 'catalog',
        orphanedAt,
        tags: ['a'],
        system: 'system:default/shop',
      }),
    ]);
    await onSchedule();
    expect(refs()).toEqual(['EventType:orphan', 'DataEndpoint:orphan']);
    expect(mutations[0]).toMatchObject({
      entities: [
        {
          entity: {
            metadata: {
              tags: ['a'],
              annotations: {
                'millrace.io/origin': 'portal',
                'millrace.io/orphaned-at': orphanedAt,
              },
            },
            spec: { system: 'system:default/shop' },
          },
        },
        { entity: { spec: { system: 'system:default/shop' } } },
      ],
    });
    // With a location key, a file could never take the entity over.
    expect(JSON.stringify(mutations)).not.toContain('locationKey');
  });

  it('offers orphans again each minute: the catalog may not have let go yet', async () => {
    let now = 0;
    let types = [eventType({ origin: 'catalog', orphanedAt: '2026-11-21' })];
    const { mutations, onSchedule } = await connected(
      async () => types,
      () => now,
    );
    await onSchedule();
    now = 59_999;
    await onSchedule();
    expect(mutations).toHaveLength(1);
    now = 60_000;
    await onSchedule();
    await onSchedule();
    expect(mutations).toHaveLength(2);
    types = [eventType()];
    await onSchedule();
    now = 600_000;
    await onSchedule();
    expect(mutations).toHaveLength(3);
  });

  it('touches the catalog only when something changed, and at once on a hint', async () => {
    let types = [eventType()];
    const { mutations, refs, onSchedule, onHint } = await connected(
      async () => types,
    );
    await onSchedule();
    await onSchedule();
    expect(mutations).toHaveLength(1);
    types = [eventType(), eventType({ name: 'second' })];
    await onHint();
    expect(mutations).toHaveLength(2);
    expect(refs()).toContain('DataEndpoint:second');
  });

  it('keeps the catalog as it is while the event types backend is not ready', async () => {
    let isReady = true;
    const { mutations, logger, onSchedule } = await connected(async () => {
      if (!isReady) {
        throw new Error('not ready');
      }
      return [eventType()];
    });
    await onSchedule();
    isReady = false;
    await onSchedule();
    await onSchedule();
    expect(mutations).toHaveLength(1);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    isReady = true;
    await onSchedule();
    expect(logger.info).toHaveBeenCalledTimes(1);
  });

  it('reads again when a hint comes while it is reading', async () => {
    let types = [eventType()];
    let answerFirst = () => {};
    let reads = 0;
    const { refs, onSchedule, onHint } = await connected(async () => {
      reads += 1;
      const seen = types;
      if (reads === 1) {
        await new Promise<void>(resolve => {
          answerFirst = resolve;
        });
      }
      return seen;
    });
    const running = onSchedule();
    while (!reads) {
      await new Promise(resolve => setImmediate(resolve));
    }
    types = [eventType({ name: 'newer' })];
    const hinted = onHint();
    answerFirst();
    await Promise.all([running, hinted]);
    expect(reads).toBe(2);
    expect(refs()).toEqual(['EventType:newer', 'DataEndpoint:newer']);
  });
});
