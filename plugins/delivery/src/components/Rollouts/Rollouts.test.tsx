import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import type { RolloutHistory } from '@millrace/plugin-delivery-common';
import {
  configure,
  fireEvent,
  screen,
  waitFor,
  within,
} from '@testing-library/react';
import { type Routes, backends, failure } from '../../__testUtils__/estate';
import { permissionsWithout } from '../../__testUtils__/permissions';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { describeRollouts } from './describeRollouts';
import { RolloutsPage } from './RolloutsPage';

// The page is large, and a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);

function history(overrides: Partial<RolloutHistory> = {}): RolloutHistory {
  const newest = {
    generation: 41,
    publishedAt: '2026-11-21T10:52:00.000Z',
    eventTypes: 3,
    writeKeys: 1,
    changes: [
      {
        eventType: 'shop.order',
        what: 'Version 2, before 1',
        actor: 'user:default/owner',
      },
    ],
    changeCount: 1,
    everywhereAt: '2026-11-21T10:52:02.000Z',
  };
  return {
    readAt: '2026-11-21T10:53:10.000Z',
    newest,
    items: [newest],
    components: [
      {
        kind: 'gateway',
        name: 'gateway-1',
        isAlive: true,
        generation: 41,
        since: '2026-11-21T10:52:02.000Z',
        heartbeatAt: '2026-11-21T10:53:09.000Z',
        behind: 0,
      },
    ],
    removals: [],
    repairs: [],
    orphans: [],
    ...overrides,
  };
}

function renderPage(routes: Routes, at = '/delivery/rollouts') {
  const { fetchApi, requests } = backends(routes);
  renderInTestApp(<RolloutsPage />, {
    apis: [
      [deliveryApiRef, new DeliveryClient({ fetchApi })],
      permissionsWithout([]),
    ],
    mountedRoutes: {
      '/delivery': rootRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
    initialRouteEntries: [at],
  });
  return { requests };
}

describe('describeRollouts', () => {
  it('says in one sentence what runs', () => {
    expect(describeRollouts(history())).toMatch(
      /^Generation 41 runs everywhere since /,
    );
    const newest = { ...history().newest!, everywhereAt: undefined };
    const [gateway] = history().components;
    expect(describeRollouts(history({ newest, components: [] }))).toBe(
      'Generation 41 is published, and no gateway or worker is there to run it.',
    );
    expect(
      describeRollouts(
        history({
          newest,
          components: [gateway, { ...gateway, name: 'g2', behind: 1 }],
        }),
      ),
    ).toBe('Generation 41 is on its way: 1 of 2 parts run it.');
    expect(describeRollouts(history({ newest: undefined }))).toBe(
      'Nothing is rolled out yet.',
    );
  });
});

describe('RolloutsPage', () => {
  it('says what runs, who changed what, and what lags', async () => {
    const [gateway] = history().components;
    renderPage({
      'GET /delivery/rollouts': () =>
        history({
          components: [
            gateway,
            { ...gateway, name: 'gateway-2', generation: 39, behind: 2 },
          ],
        }),
    });
    expect(
      await screen.findByText(/Generation 41 runs everywhere since/),
    ).toBeInTheDocument();
    const generations = screen.getByRole('table', {
      name: 'Generations of the config',
    });
    expect(within(generations).getByText(/Version 2, before 1/)).toBeVisible();
    const parts = screen.getByRole('table', {
      name: 'Parts and their generation',
    });
    expect(within(parts).getByText('Runs the newest')).toBeVisible();
    expect(within(parts).getByText('2 generations behind')).toBeVisible();
    expect(
      screen.getByText(/Nobody has changed a topic or subscription/),
    ).toBeVisible();
  });

  it('says what is being taken down and what holds it up, what was repaired and what is an orphan', async () => {
    renderPage({
      'GET /delivery/rollouts': () =>
        history({
          removals: [
            {
              eventType: 'shop.old',
              step: 'draining',
              requestedBy: 'user:default/owner',
              reason: 'Nobody reads it',
              beganAt: '2026-11-21T10:50:00.000Z',
              waitingFor: {
                code: 'draining',
                message: 'The workers take what is left',
                since: '2026-11-21T10:51:00.000Z',
              },
            },
          ],
          repairs: [
            {
              eventType: 'shop.order',
              kind: 'topic',
              name: 'event.shop.order',
              drift: 'deleted',
              message: 'The topic had been deleted and was created again.',
              foundAt: '2026-11-21T10:40:00.000Z',
              repairedAt: '2026-11-21T10:40:01.000Z',
            },
          ],
          orphans: [
            {
              kind: 'subscription',
              name: 'event.lost.delivery',
              firstSeenAt: '2026-11-20T10:00:00.000Z',
              deletedAfter: '2026-11-27T10:00:00.000Z',
            },
          ],
        }),
    });
    expect(
      await screen.findByText('The workers take what is left'),
    ).toBeVisible();
    expect(screen.getByText(/had been deleted and was created/)).toBeVisible();
    expect(screen.getByText('event.lost.delivery')).toBeVisible();
  });

  it('turns pages by generation', async () => {
    const { requests } = renderPage({
      'GET /delivery/rollouts': () => history({ nextBefore: 17 }),
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Older' }));
    await waitFor(() =>
      expect(requests.some(asked => asked.includes('before=17'))).toBe(true),
    );
    expect(await screen.findByRole('button', { name: 'Newer' })).toBeEnabled();
  });

  it('says that it could not be loaded, and loads it again', async () => {
    let isDown = true;
    renderPage({
      'GET /delivery/rollouts': () =>
        isDown ? failure(503, 'The ledger is away') : history(),
    });
    expect(
      await screen.findByText('What runs where could not be loaded.'),
    ).toBeVisible();
    isDown = false;
    fireEvent.click(screen.getByRole('button', { name: /again/i }));
    expect(
      await screen.findByText(/Generation 41 runs everywhere/),
    ).toBeVisible();
  });
});
