import type { Entity } from '@backstage/catalog-model';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { DataPlatformEntitiesProcessor } from './DataPlatformEntitiesProcessor';
import { toEntities } from './entities';
import { eventType } from './__testUtils__/eventType';

const location = { type: 'url', target: 'https://code.example/push.yaml' };
const processor = new DataPlatformEntitiesProcessor();

const declared: Entity = {
  apiVersion: 'millrace.io/v1alpha1',
  kind: 'EventType',
  metadata: { name: 'push', namespace: 'default' },
  spec: { owner: 'webhooks', schema: { type: 'record' } },
};

async function relationsOf(entity: Entity): Promise<string[]> {
  const relations: string[] = [];
  await processor.postProcessEntity(entity, location, result => {
    if (result.type === 'relation') {
      const { source, type, target } = result.relation;
      relations.push(
        `${stringifyEntityRef(source)} ${type} ${stringifyEntityRef(target)}`,
      );
    }
  });
  return relations;
}

function withSpec(spec: Entity['spec']): Entity {
  return { ...declared, spec };
}

describe('DataPlatformEntitiesProcessor', () => {
  it('knows declared event types and what the portal emits', async () => {
    const emitted = toEntities([eventType({ origin: 'portal' })]);
    expect(emitted.map(({ kind }) => kind)).toEqual([
      'EventType',
      'DataEndpoint',
    ]);
    for (const entity of [declared, ...emitted]) {
      expect(await processor.validateEntityKind(entity)).toBe(true);
    }
  });

  it('leaves other kinds to others', async () => {
    const group = {
      ...declared,
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Group',
    };
    expect(await processor.validateEntityKind(group)).toBe(false);
    expect(await relationsOf(group)).toEqual([]);
  });

  it.each([
    ['without owner', withSpec({ schema: {} }), /owner/],
    ['with a tier of its own', withSpec({ owner: 'a', tier: 'top' }), /tier/],
    ['with a schema in text', withSpec({ owner: 'a', schema: '' }), /schema/],
    [
      'with half an event',
      withSpec({ owner: 'a', expectedEventsPerDay: 0.5 }),
      /expectedEventsPerDay/,
    ],
    ['without spec', withSpec(undefined), /spec/],
    [
      'as endpoint without type',
      { ...withSpec({ owner: 'a' }), kind: 'DataEndpoint' },
      /type/,
    ],
  ])('refuses an entity %s', async (_what, entity, message) => {
    await expect(processor.validateEntityKind(entity)).rejects.toThrow(message);
  });

  it('relates an event type to its owner and its data endpoint', async () => {
    expect(await relationsOf(declared)).toEqual([
      'eventtype:default/push ownedBy group:default/webhooks',
      'group:default/webhooks ownerOf eventtype:default/push',
      'eventtype:default/push deliversTo dataendpoint:default/push',
      'dataendpoint:default/push deliveredFrom eventtype:default/push',
    ]);
  });

  it('relates an event type to the system it is part of', async () => {
    expect(
      await relationsOf(withSpec({ owner: 'webhooks', system: 'shop' })),
    ).toEqual(
      expect.arrayContaining([
        'eventtype:default/push partOf system:default/shop',
        'system:default/shop hasPart eventtype:default/push',
      ]),
    );
  });

  it('relates a data endpoint to its owner and what fills it', async () => {
    const [endpoint] = toEntities([eventType({ origin: 'catalog' })]);
    expect(await relationsOf(endpoint)).toEqual([
      'dataendpoint:default/push ownedBy group:default/webhooks',
      'group:default/webhooks ownerOf dataendpoint:default/push',
      'dataendpoint:default/push deliveredFrom eventtype:default/push',
      'eventtype:default/push deliversTo dataendpoint:default/push',
    ]);
  });
});
