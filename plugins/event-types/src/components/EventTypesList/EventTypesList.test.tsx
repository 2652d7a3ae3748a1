import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type {
  EventTypePage,
  FieldPage,
  FoundEventType,
  FoundField,
} from '@millrace/plugin-event-types-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { EventTypesClient, eventTypesApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { EventTypesList, FieldsList } from '.';

function eventType(
  name: string,
  overrides: Partial<FoundEventType> = {},
): FoundEventType {
  return {
    name,
    owner: 'group:default/webhooks',
    tier: 'normal',
    version: 1,
    generation: 1,
    origin: 'portal',
    compatibility: 'backward-transitive',
    state: 'in-force',
    fieldCount: 1,
    semanticTypes: [],
    createdAt: '2026-11-21T10:00:00Z',
    createdBy: 'user:default/owner',
    updatedAt: '2026-11-21T10:00:00Z',
    updatedBy: 'user:default/owner',
    ...overrides,
  };
}

function page(
  items: FoundEventType[],
  overrides: Partial<EventTypePage> = {},
): EventTypePage {
  return {
    items,
    total: items.length,
    readable: items.length,
    owners: 2,
    tiers: { critical: 1, normal: 1, low: 1 },
    facets: {
      owner: [
        { value: 'group:default/webhooks', count: 2 },
        { value: 'group:default/issues', count: 1 },
      ],
      tier: [{ value: 'critical', count: 1 }],
      state: [{ value: 'in-force', count: 3 }],
      semanticType: [{ value: 'email', count: 2 }],
    },
    ...overrides,
  };
}

/** The backend at the network edge: answers, and keeps what it was asked. */
async function open(
  address: string,
  answer: (query: URLSearchParams) => unknown,
) {
  const asked: string[] = [];
  const fetchApi = mockApis.fetch({
    baseImplementation: async input => {
      const url = new URL(String(input instanceof Request ? input.url : input));
      asked.push(`${url.pathname.replace(/.*\//, '/')}${url.search}`);
      const body = await answer(url.searchParams);
      return body instanceof Response ? body : Response.json(body);
    },
  });
  renderInTestApp(
    address.startsWith('/event-types/fields') ? (
      <FieldsList />
    ) : (
      <EventTypesList />
    ),
    {
      apis: [
        [eventTypesApiRef, new EventTypesClient({ fetchApi })],
        catalogApiMock({ entities: [] }),
      ],
      initialRouteEntries: [address],
      mountedRoutes: {
        '/event-types': rootRouteRef,
        '/catalog/:namespace/:kind/:name': entityRouteRef,
      },
    },
  );
  return {
    asked,
    /** The newest question, without its path. */
    last: () => asked.at(-1)?.split('?')[1],
  };
}

const listed = () =>
  screen.queryAllByRole('rowheader').map(cell => cell.textContent);

// Typing and choosing takes its time on a machine that does much else.
jest.setTimeout(60_000);
const PATIENCE = { timeout: 10_000 };

describe('EventTypesList', () => {
  const three = () =>
    page([
      eventType('repository.pushed', { tier: 'critical', version: 3 }),
      eventType('issue.opened', { owner: 'group:default/issues' }),
      eventType('star.created', { tier: 'low' }),
    ]);

  it('counts the event types in words and leads to each of them', async () => {
    const { last } = await open('/event-types', three);
    expect(
      await screen.findByText(
        '3 event types of 2 owners: 1 critical, 1 normal, 1 low',
      ),
    ).toBeInTheDocument();
    expect(last()).toBe('limit=50');
    expect(
      screen.getByRole('link', { name: 'repository.pushed' }),
    ).toHaveAttribute('href', '/catalog/default/eventtype/repository.pushed');
    expect(
      screen.getByRole('link', { name: 'Register an event type' }),
    ).toHaveAttribute('href', '/event-types/register');
    expect(screen.getByText('3 event types')).toBeInTheDocument();
  });

  it('asks once for a word, and keeps what it shows until the answer is there', async () => {
    let answerIssue = (_page: EventTypePage) => {};
    const issue = new Promise<EventTypePage>(resolve => {
      answerIssue = resolve;
    });
    const { asked, last } = await open('/event-types', query =>
      query.get('q') ? issue : three(),
    );
    await screen.findByRole('link', { name: 'issue.opened' });
    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search event types' }),
      'ISSUE{Enter}',
    );
    await waitFor(() => expect(last()).toBe('limit=50&q=ISSUE'), PATIENCE);
    expect(listed()).toHaveLength(3);
    expect(screen.getByRole('region', { name: 'event types' })).toHaveAttribute(
      'aria-busy',
      'true',
    );

    answerIssue(page([eventType('issue.opened')], { readable: 3 }));
    await waitFor(() => expect(listed()).toEqual(['issue.opened']), PATIENCE);
    expect(asked.filter(each => each.includes('q='))).toHaveLength(1);
    expect(screen.getByText('1 of 3 event types')).toBeInTheDocument();
    expect(
      screen.getByText(/^1 of 3 event types of 2 owners/),
    ).toBeInTheDocument();
  });

  it.each([
    ['?owner=group:default/issues', 'limit=50&owner=group%3Adefault%2Fissues'],
    ['?tier=low', 'limit=50&tier=low'],
    ['?status=refused', 'limit=50&state=refused'],
    ['?semanticType=personal', 'limit=50&semanticType=personal'],
    ['?mine=true&tier=critical', 'limit=50&tier=critical&mine=true'],
    ['?q=webhooks+star', 'limit=50&q=webhooks+star'],
    ['?sort=-owner', 'limit=50&sort=-owner'],
    // What nobody knows narrows nothing.
    ['?tier=urgent&status=odd&sort=colour', 'limit=50'],
  ])('asks the backend for what %s says', async (address, query) => {
    const { last } = await open(`/event-types${address}`, three);
    await screen.findByRole('link', { name: 'issue.opened' });
    expect(last()).toBe(query);
  });

  it('narrows by what each choice would give, and leads back to everything', async () => {
    const { last } = await open('/event-types', query =>
      query.has('semanticType') ? page([], { total: 0, readable: 3 }) : three(),
    );
    await screen.findByRole('link', { name: 'issue.opened' });
    await userEvent.click(screen.getByRole('button', { name: /Owner/ }));
    expect(
      screen.getByRole('option', { name: 'webhooks (2)' }),
    ).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await userEvent.click(screen.getByRole('switch', { name: 'Only mine' }));
    await userEvent.click(
      screen.getByRole('button', { name: /Fields that hold/ }),
    );
    await userEvent.click(
      screen.getByRole('option', { name: 'anything about a person' }),
    );
    expect(
      await screen.findByText('No event type fits.', {}, PATIENCE),
    ).toBeInTheDocument();
    expect(last()).toBe('limit=50&semanticType=personal&mine=true');

    await userEvent.click(
      screen.getByRole('button', { name: 'Show all 3 event types' }),
    );
    await waitFor(() => expect(listed()).toHaveLength(3), PATIENCE);
    expect(screen.getByRole('switch', { name: 'Only mine' })).not.toBeChecked();
  });

  it('turns the pages of 2,000 event types, and starts anew with every other question', async () => {
    const { last } = await open('/event-types', query => {
      const cursor = query.get('cursor');
      const isSecond = cursor === 'second';
      return page([eventType(isSecond ? 'shop.second' : 'shop.first')], {
        total: 2000,
        readable: 2000,
        nextCursor: isSecond ? undefined : 'second',
        previousCursor: isSecond ? 'first' : undefined,
      });
    });
    await screen.findByRole('link', { name: 'shop.first' });
    expect(screen.getByText('1 of 2,000 event types')).toBeInTheDocument();
    const pager = screen.getByRole('navigation', {
      name: 'Pages of event types',
    });
    expect(
      within(pager).getByRole('button', { name: 'Previous page' }),
    ).toBeDisabled();
    await userEvent.click(
      within(pager).getByRole('button', { name: 'Next page' }),
    );
    await screen.findByRole('link', { name: 'shop.second' }, PATIENCE);
    expect(last()).toBe('limit=50&cursor=second');
    expect(screen.getByRole('region', { name: 'event types' })).toHaveFocus();

    await userEvent.click(
      screen.getByRole('button', { name: 'Previous page' }),
    );
    await screen.findByRole('link', { name: 'shop.first' }, PATIENCE);
    await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
    await screen.findByRole('link', { name: 'shop.second' }, PATIENCE);
    await userEvent.click(screen.getByRole('switch', { name: 'Only mine' }));
    await waitFor(() => expect(last()).toBe('limit=50&mine=true'), PATIENCE);
  });

  it.each([
    ['refused', 'newest refused'],
    ['orphaned', 'declaration gone'],
    ['deprecated', 'deprecated'],
    ['retired', 'retired'],
  ] as const)('marks an event type that is %s', async (state, words) => {
    await open('/event-types', () =>
      page([eventType('repository.pushed', { state, origin: 'catalog' })]),
    );
    const row = await screen.findByRole('row', { name: /repository.pushed/ });
    expect(within(row).getByText(words)).toBeInTheDocument();
  });

  it('shows what the fields mean, and hostile texts as texts', async () => {
    await open('/event-types', () =>
      page([
        eventType('repository.pushed', {
          description: '<img src=x onerror=alert(1)>',
          semanticTypes: ['email', 'none'],
        }),
      ]),
    );
    const row = await screen.findByRole('row', { name: /repository.pushed/ });
    expect(within(row).getByText('email')).toBeInTheDocument();
    expect(within(row).queryByText('none')).not.toBeInTheDocument();
    expect(
      within(row).getByText('<img src=x onerror=alert(1)>'),
    ).toBeInTheDocument();
    expect(document.querySelector('img[src=x]')).toBeNull();
  });

  it('says what an event type is while there is none', async () => {
    await open('/event-types', () => page([], { readable: 0 }));
    expect(
      await screen.findByText('Nothing is registered yet'),
    ).toBeInTheDocument();
  });

  it('says why the list could not be loaded and tries again', async () => {
    let isUp = false;
    await open('/event-types', () =>
      isUp
        ? page([eventType('repository.pushed')])
        : Response.json(
            {
              error: { name: 'ServiceUnavailableError', message: 'Starting' },
              response: { statusCode: 503 },
            },
            { status: 503 },
          ),
    );
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /could not be loaded.*Starting/,
    );
    isUp = true;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('link', { name: 'repository.pushed' }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });
});

describe('FieldsList', () => {
  const field = (path: string, more: Partial<FoundField> = {}): FoundField => ({
    eventType: 'shop.order_placed',
    owner: 'group:default/webhooks',
    tier: 'normal',
    path,
    type: 'string',
    required: true,
    sinceVersion: 1,
    ...more,
  });
  const fields = (
    items: FoundField[],
    more: Partial<FieldPage> = {},
  ): FieldPage => ({
    items,
    total: items.length,
    readable: 40,
    eventTypes: 1,
    facets: {
      owner: [{ value: 'group:default/webhooks', count: 2 }],
      semanticType: [{ value: 'person-id', count: 1 }],
    },
    ...more,
  });

  it('answers which events carry a person id', async () => {
    const { last } = await open('/event-types/fields', query =>
      query.has('semanticType')
        ? fields([
            field('buyer.id', {
              semanticType: 'person-id',
              sinceVersion: 3,
              doc: 'Who bought',
            }),
          ])
        : fields([field('id'), field('buyer.id')], { total: 40 }),
    );
    expect(
      await screen.findByText('40 fields, in 1 event type'),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /Meaning/ }));
    await userEvent.click(
      screen.getByRole('option', { name: 'person-id (1)' }),
    );
    expect(
      await screen.findByText('1 of 40 fields, in 1 event type', {}, PATIENCE),
    ).toBeInTheDocument();
    expect(last()).toBe('limit=50&semanticType=person-id');
    const row = screen.getByRole('row', { name: /buyer.id/ });
    expect(within(row).getByText('Who bought')).toBeInTheDocument();
    expect(
      within(row).getByRole('link', { name: 'shop.order_placed' }),
    ).toHaveAttribute(
      'href',
      '/catalog/default/eventtype/shop.order_placed/schema',
    );
  });

  it('is reached from the event types, and says so while there is none', async () => {
    await open('/event-types', () => ({
      ...page([eventType('repository.pushed')]),
    }));
    expect(await screen.findByRole('link', { name: 'Fields' })).toHaveAttribute(
      'href',
      '/event-types/fields',
    );
  });

  it('says what will be listed while there is nothing', async () => {
    await open('/event-types/fields', () =>
      fields([], { readable: 0, eventTypes: 0 }),
    );
    expect(
      await screen.findByText('There are no fields yet'),
    ).toBeInTheDocument();
  });
});
