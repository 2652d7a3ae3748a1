import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type { EventTypeListItem } from '@millrace/plugin-event-types-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { EventTypesClient, eventTypesApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { EventTypesList } from './EventTypesList';

function eventType(
  name: string,
  overrides: Partial<EventTypeListItem> = {},
): EventTypeListItem {
  return {
    name,
    owner: 'group:default/webhooks',
    tier: 'normal',
    version: 1,
    generation: 1,
    origin: 'portal',
    fields: [{ path: 'id', type: 'long', required: true }],
    createdAt: '2026-11-21T10:00:00Z',
    createdBy: 'user:default/owner',
    updatedAt: '2026-11-21T10:00:00Z',
    updatedBy: 'user:default/owner',
    ...overrides,
  };
}

async function renderList(respond: () => Response, address = '/event-types') {
  const fetchApi = mockApis.fetch({
    baseImplementation: async () => respond(),
  });
  const rendered = renderInTestApp(<EventTypesList />, {
    apis: [
      [eventTypesApiRef, new EventTypesClient({ fetchApi })],
      catalogApiMock({ entities: [] }),
      mockApis.identity({
        userEntityRef: 'user:default/owner',
        ownershipEntityRefs: ['user:default/owner', 'group:default/webhooks'],
      }),
    ],
    initialRouteEntries: [address],
    mountedRoutes: {
      '/event-types': rootRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
  });
  return rendered;
}

// Typing and choosing takes its time on a machine that does much else.
jest.setTimeout(30_000);

describe('EventTypesList', () => {
  it('counts the event types in words and leads to each of them', async () => {
    await renderList(() =>
      Response.json({
        items: [
          eventType('repository.pushed', { tier: 'critical', version: 3 }),
          eventType('issue.opened', { owner: 'group:default/issues' }),
          eventType('star.created', { tier: 'low' }),
        ],
      }),
    );
    expect(
      await screen.findByText(
        '3 event types of 2 owners: 1 critical, 1 normal, 1 low',
      ),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'repository.pushed' }),
    ).toHaveAttribute('href', '/catalog/default/eventtype/repository.pushed');
    expect(
      screen.getByRole('link', { name: 'Register an event type' }),
    ).toHaveAttribute('href', '/event-types/register');

    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search event types' }),
      'ISSUE',
    );
    await waitFor(() =>
      expect(
        screen.queryByRole('link', { name: 'repository.pushed' }),
      ).not.toBeInTheDocument(),
    );
    expect(
      screen.getByRole('link', { name: 'issue.opened' }),
    ).toBeInTheDocument();
  });

  it('marks an event type whose newest declaration was refused', async () => {
    await renderList(() =>
      Response.json({
        items: [
          eventType('repository.pushed', {
            origin: 'catalog',
            declarationProblems: [
              { code: 'field_removed', pointer: '/data/id', message: 'Gone' },
            ],
          }),
        ],
      }),
    );
    const row = await screen.findByRole('row', { name: /repository.pushed/ });
    expect(within(row).getByText('newest refused')).toBeInTheDocument();
  });

  const estate = () =>
    Response.json({
      items: [
        eventType('repository.pushed', { tier: 'critical' }),
        eventType('issue.opened', { owner: 'group:default/issues' }),
        eventType('star.created', {
          tier: 'low',
          declarationProblems: [
            { code: 'field_removed', pointer: '/data/id', message: 'Gone' },
          ],
        }),
      ],
    });
  const listed = () =>
    screen.queryAllByRole('rowheader').map(cell => cell.textContent);

  it.each([
    ['?owner=group:default/issues', ['issue.opened']],
    ['?tier=low', ['star.created']],
    ['?status=refused', ['star.created']],
    ['?mine=true', ['repository.pushed', 'star.created']],
    ['?mine=true&tier=critical', ['repository.pushed']],
    ['?q=webhooks+star', ['star.created']],
    // What nobody knows narrows nothing.
    [
      '?tier=urgent&status=odd',
      ['issue.opened', 'repository.pushed', 'star.created'],
    ],
  ])('shows what %s asks for', async (address, names) => {
    await renderList(estate, `/event-types${address}`);
    await waitFor(() => expect(listed()).toEqual(names));
  });

  it('narrows by its fields, and leads back to everything', async () => {
    await renderList(estate);
    await screen.findByRole('link', { name: 'issue.opened' });
    await userEvent.click(screen.getByRole('switch', { name: 'Only mine' }));
    await userEvent.click(screen.getByRole('button', { name: /Tier/ }));
    await userEvent.click(screen.getByRole('option', { name: 'normal' }));
    expect(await screen.findByText('No event type fits.')).toBeInTheDocument();
    expect(screen.getByText('0 of 3 event types')).toBeInTheDocument();

    await userEvent.click(
      screen.getByRole('button', { name: 'Show all 3 event types' }),
    );
    await waitFor(() => expect(listed()).toHaveLength(3));
    expect(screen.getByRole('switch', { name: 'Only mine' })).not.toBeChecked();
  });

  it('draws a page of 2,000 event types, and finds one on the last', async () => {
    await renderList(() =>
      Response.json({
        items: Array.from({ length: 2000 }, (_, at) =>
          eventType(`shop.event_${String(at).padStart(4, '0')}`),
        ),
      }),
    );
    await screen.findByRole('link', { name: 'shop.event_0000' });
    expect(listed()).toHaveLength(20);
    await userEvent.type(screen.getByRole('searchbox'), '1999');
    await waitFor(() => expect(listed()).toEqual(['shop.event_1999']));
  });

  it('says what an event type is while there is none', async () => {
    await renderList(() => Response.json({ items: [] }));
    expect(
      await screen.findByText('Nothing is registered yet'),
    ).toBeInTheDocument();
  });

  it('says why the list could not be loaded and tries again', async () => {
    let isUp = false;
    await renderList(() =>
      isUp
        ? Response.json({ items: [eventType('repository.pushed')] })
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
