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

async function renderList(respond: () => Response) {
  const fetchApi = mockApis.fetch({
    baseImplementation: async () => respond(),
  });
  const rendered = renderInTestApp(<EventTypesList />, {
    apis: [
      [eventTypesApiRef, new EventTypesClient({ fetchApi })],
      catalogApiMock({ entities: [] }),
    ],
    mountedRoutes: {
      '/event-types': rootRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
  });
  return rendered;
}

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
      screen.getByRole('searchbox', { name: 'Search' }),
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
