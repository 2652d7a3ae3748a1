import { TestPipeline } from '@backstage/plugin-search-backend-node';
import type { FoundEventType } from '@millrace/plugin-event-types-common';
import { EventTypeCollatorFactory } from './EventTypeCollatorFactory';

function eventType(
  name: string,
  more: Partial<FoundEventType> = {},
): FoundEventType {
  return {
    name,
    description: `It is ${name}`,
    owner: 'group:default/shop',
    tier: 'normal',
    version: 1,
    generation: 1,
    origin: 'portal',
    compatibility: 'backward-transitive',
    state: 'in-force',
    fieldCount: 2,
    semanticTypes: ['email'],
    tags: ['orders'],
    fields: [
      { path: 'id', type: 'long', required: true },
      {
        path: 'buyer.homeAddress',
        type: 'string',
        required: false,
        doc: 'Where the parcel goes\0',
        semanticType: 'postal-address',
      },
    ],
    createdAt: '2026-11-21T10:00:00Z',
    createdBy: 'user:default/owner',
    updatedAt: '2026-11-21T10:00:00Z',
    updatedBy: 'user:default/owner',
    ...more,
  };
}

describe('EventTypeCollatorFactory', () => {
  it('makes of each event type a document that names whom to ask before it is shown', async () => {
    const factory = new EventTypeCollatorFactory({
      readPage: async () => ({ items: [eventType('shop.order_placed')] }),
    });
    expect(factory.type).toBe('event-type');
    expect(factory.visibilityPermission.name).toBe(
      'event-types.event-type.read',
    );
    const { documents } = await TestPipeline.fromCollator(
      await factory.getCollator(),
    ).execute();
    expect(documents).toEqual([
      {
        title: 'shop.order_placed',
        text: expect.any(String),
        location: '/catalog/default/eventtype/shop.order_placed',
        authorization: { resourceRef: 'shop.order_placed' },
        name: 'shop.order_placed',
        description: 'It is shop.order_placed',
        owner: 'group:default/shop',
        tier: 'normal',
        state: 'in-force',
        version: 1,
        fieldCount: 2,
        semanticTypes: ['email'],
        tags: ['orders'],
      },
    ]);
    const [{ text }] = documents;
    for (const part of [
      'shop order placed',
      'buyer.homeAddress',
      'buyer home Address',
      'Where the parcel goes',
      'email',
      'orders',
      'group:default/shop',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('\0');
  });

  it('follows the pages to the last, and holds one of them at a time', async () => {
    const pages = [['a', 'b'], ['c', 'd'], ['e']];
    const asked: Array<string | undefined> = [];
    let taken = 0;
    const factory = new EventTypeCollatorFactory({
      readPage: async cursor => {
        asked.push(cursor);
        const at = Number(cursor ?? 0);
        // Nobody runs ahead: what came before has been taken.
        expect(taken).toBeGreaterThanOrEqual(Math.max(0, at * 2 - 1));
        return {
          items: pages[at].map(name => eventType(name)),
          nextCursor: at + 1 < pages.length ? String(at + 1) : undefined,
        };
      },
    });
    const titles: string[] = [];
    const stream = await factory.getCollator();
    for await (const document of stream) {
      taken += 1;
      titles.push(document.title);
    }
    expect(titles).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(asked).toEqual([undefined, '1', '2']);
  });

  it('fails as a whole when a page cannot be read, so that the index stays', async () => {
    const factory = new EventTypeCollatorFactory({
      readPage: async cursor => {
        if (cursor) {
          throw new Error('Starting');
        }
        return { items: [eventType('a')], nextCursor: '1' };
      },
    });
    const { error } = await TestPipeline.fromCollator(
      await factory.getCollator(),
    ).execute();
    expect(error).toMatchObject({ message: 'Starting' });
  });

  it('cuts what no index takes', async () => {
    const factory = new EventTypeCollatorFactory({
      readPage: async () => ({
        items: [
          eventType('big', {
            fields: Array.from({ length: 20_000 }, (_, at) => ({
              path: `field_${at}`,
              type: 'string',
              required: true,
            })),
          }),
        ],
      }),
    });
    const { documents } = await TestPipeline.fromCollator(
      await factory.getCollator(),
    ).execute();
    expect(documents[0].text.length).toBeLessThanOrEqual(50_000);
  });
});
