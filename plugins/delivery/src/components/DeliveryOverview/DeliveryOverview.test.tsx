import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { registerRouteRef, rootRouteRef } from '../../routes';
import {
  type Routes,
  backends,
  failure,
  partition,
  row,
  status,
} from '../../__testUtils__/estate';
import { DeliveryOverview } from './DeliveryOverview';

function renderOverview(routes: Routes) {
  const { fetchApi } = backends(routes);
  return renderInTestApp(<DeliveryOverview />, {
    apis: [[deliveryApiRef, new DeliveryClient({ fetchApi })]],
    mountedRoutes: {
      '/delivery': rootRouteRef,
      '/event-types/register': registerRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
  });
}

/** A minute that ended a moment ago: on time whenever the test runs. */
function justSealed(eventType: string) {
  const minute = Math.floor(Date.now() / 60_000) - 1;
  return partition(new Date(minute * 60_000).toISOString(), { eventType });
}

describe('DeliveryOverview', () => {
  it('answers in words first, then shows processes and event types', async () => {
    renderOverview({
      'GET /delivery/status': () => status(),
      'GET /delivery/overview': () => ({
        items: ['issue.opened', 'repository.pushed'].map(name =>
          row(name, { recent: [justSealed(name)] }),
        ),
      }),
    });
    expect(
      await screen.findByRole('heading', {
        name: 'All 2 event types are on time; last minute sealed 4 s after its end',
      }),
    ).toBeInTheDocument();

    const gateway = screen.getByRole('row', { name: /^gateway running/ });
    expect(gateway).toHaveTextContent('config generation 4');

    const pushed = screen.getByRole('row', { name: /repository.pushed/ });
    expect(
      within(pushed).getByRole('link', { name: 'repository.pushed' }),
    ).toHaveAttribute(
      'href',
      '/catalog/default/eventtype/repository.pushed/delivery',
    );
    expect(
      within(pushed).getByRole('link', {
        name: /sealed .* UTC, \+4 s; 1,200 delivered/,
      }),
    ).toHaveAttribute(
      'href',
      expect.stringMatching(
        /^\/catalog\/default\/eventtype\/repository.pushed\/delivery\?partition=/,
      ),
    );
    expect(pushed).toHaveTextContent('1,204');
    // Five at the gateway and one at sealing.
    expect(pushed).toHaveTextContent('63 duplicates');
    expect(pushed).toHaveTextContent('p99 9 sp50 3 s');
  });

  it('shows what became of the events of all types, and how many there were per bucket', async () => {
    const minutes = ['10:50', '10:51', '10:52'].map(
      time => `2026-11-21T${time}:00.000Z`,
    );
    renderOverview({
      'GET /delivery/status': () => status(),
      'GET /delivery/overview': () => ({
        items: ['issue.opened', 'repository.pushed'].map(eventType =>
          row(eventType, {
            recent: [...minutes]
              .reverse()
              .map(minute => partition(minute, { eventType })),
          }),
        ),
      }),
    });
    const fates = await screen.findByRole('figure', {
      name: 'What became of the events of the last 24 hours',
    });
    expect(
      within(fates)
        .getAllByRole('definition')
        .map(fate => fate.textContent),
    ).toEqual(['2,40099.7 %', '60.2 %', '2< 0.1 %', '00 %']);

    const bars = screen.getByRole('figure', {
      name: 'Events delivered per minute',
    });
    expect(bars).toHaveTextContent('2,400 events in every minute.');
    await userEvent.click(
      within(bars).getByRole('button', { name: /^Show as a table/ }),
    );
    expect(
      within(bars).getByRole('row', {
        name: '2026-11-21 10:50–10:51 UTC 2,400',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Accepted, 24 h', { selector: 'dt' }).nextSibling,
    ).toHaveTextContent('2,408of 2 event types');
  });

  it('names what is wrong with the processes', async () => {
    renderOverview({
      'GET /delivery/status': () =>
        status({
          gateways: [],
          processes: [
            {
              role: 'gateway',
              state: 'backing-off',
              restarts: 2,
              lastExit: { at: new Date().toISOString(), signal: 'SIGKILL' },
            },
          ],
        }),
      'GET /delivery/overview': () => ({
        items: [row('repository.pushed', { recent: [justSealed('x')] })],
      }),
    });
    expect(
      await screen.findByText(
        'No gateway is alive: events cannot be accepted.',
      ),
    ).toBeInTheDocument();
    expect(screen.getByText(/\(SIGKILL\)/)).toBeInTheDocument();
  });

  it('says which config each of several gateways runs', async () => {
    const [gateway] = status().gateways;
    renderOverview({
      'GET /delivery/status': () =>
        status({
          mode: 'external',
          processes: [],
          generation: 5,
          gateways: [
            { ...gateway, generation: 5 },
            {
              ...gateway,
              gateway: 'gateway-2',
              generation: 4,
              snapshotCheckedAt: '2026-11-21T10:50:00Z',
            },
            { ...gateway, gateway: 'gateway-3', alive: false },
          ],
        }),
      'GET /delivery/overview': () => ({ items: [] }),
    });
    const table = within(
      await screen.findByRole('table', { name: 'Gateways' }),
    );
    expect(
      table.getByRole('row', { name: /^gateway-1 config generation 5 / }),
    ).toBeInTheDocument();
    expect(
      table.getByRole('row', {
        name: /^gateway-2 config generation 4, newest is 5, stale as of 10:50:00 UTC/,
      }),
    ).toBeInTheDocument();
    expect(table.queryByText('gateway-3')).not.toBeInTheDocument();
  });

  it('leads to registering while there is no event type', async () => {
    renderOverview({
      'GET /delivery/status': () => status(),
      'GET /delivery/overview': () => ({ items: [] }),
    });
    expect(await screen.findByText('No event types yet')).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Register an event type' }),
    ).toHaveAttribute('href', '/event-types/register');
  });

  it('says why it knows nothing', async () => {
    renderOverview({
      'GET /delivery/status': () => status(),
      'GET /delivery/overview': () => failure(503, 'The ledger is starting'),
    });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /Delivery could not be loaded.*The ledger is starting.*tries again/,
    );
  });
});
