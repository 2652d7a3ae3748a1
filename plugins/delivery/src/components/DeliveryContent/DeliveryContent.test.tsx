import { renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeliveryClient, deliveryApiRef } from '../../api';
import {
  type Routes,
  backends,
  detail,
  failure,
  partition,
  row,
  status,
} from '../../__testUtils__/estate';
import {
  refusedEvent,
  refusedGroup,
  refusedGroups,
} from '../../__testUtils__/refusals';
import { DeliveryContent } from './DeliveryContent';

const NAME = 'repository.pushed';
const BASE = `/delivery/event-types/${NAME}`;
const BUCKET = '2026-11-21T10:52:00.000Z';
const PARTITION = `${BASE}/partitions/${BUCKET}`;

const HEALTHY: Routes = {
  'GET /delivery/status': () => status(),
  [`GET ${BASE}`]: () => row(NAME, { inFlight: 40 }),
  [`GET ${BASE}/partitions`]: ({ query }) => {
    const items = query.has('before')
      ? [partition('2026-11-21T10:51:00.000Z')]
      : [partition(BUCKET)];
    return query.has('before') ? { items } : { items, nextBefore: BUCKET };
  },
  [`GET ${PARTITION}`]: () => detail(),
  [`GET ${BASE}/refused/groups`]: () =>
    refusedGroups({
      items: [refusedGroup({ count: 1, field: '/data/id' })],
      total: 1,
    }),
  [`GET ${BASE}/refused`]: () => ({
    items: [refusedEvent()],
    total: 1,
    byReason: [],
  }),
  [`GET ${BASE}/replays`]: () => ({ items: [] }),
};

function renderContent(routes: Routes, at = '/') {
  const { fetchApi, requests } = backends(routes);
  renderInTestApp(
    <EntityProvider
      entity={{
        apiVersion: 'millrace.io/v1alpha1',
        kind: 'EventType',
        metadata: { name: NAME, namespace: 'default' },
        spec: { owner: 'group:default/webhooks' },
      }}
    >
      <DeliveryContent />
    </EntityProvider>,
    {
      apis: [[deliveryApiRef, new DeliveryClient({ fetchApi })]],
      mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
      initialRouteEntries: [at],
    },
  );
  return { requests };
}

describe('DeliveryContent', () => {
  it('shows the counts that add up, the partitions and the refused events', async () => {
    const { requests } = renderContent(HEALTHY);
    expect(
      await screen.findByText(/and 40 events in flight;/),
    ).toHaveTextContent(
      '1,204 accepted = 1,200 delivered + 3 duplicates + 1 refused',
    );
    expect(
      await screen.findByRole('link', { name: '2026-11-21 10:52–10:53 UTC' }),
    ).toHaveAttribute(
      'href',
      `/catalog/default/eventtype/${NAME}/delivery?partition=${encodeURIComponent(
        BUCKET,
      )}`,
    );
    expect(
      await screen.findByText(
        /^1 event was refused in the last 24 hours, because \/data\/id is missing/,
      ),
    ).toBeInTheDocument();

    await userEvent.click(
      screen.getByRole('button', { name: 'Load older partitions' }),
    );
    expect(
      await screen.findByRole('link', { name: '2026-11-21 10:51–10:52 UTC' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Load older partitions' }),
    ).not.toBeInTheDocument();

    await userEvent.click(
      screen.getByRole('switch', { name: 'Hide empty partitions' }),
    );
    await waitFor(() =>
      expect(requests).toContain(
        `GET ${BASE}/partitions?limit=30&includeEmpty=true`,
      ),
    );
  });

  it('opens the partition of the address with its sum, files and rows, and closes it again', async () => {
    renderContent(
      {
        ...HEALTHY,
        [`GET ${PARTITION}/rows`]: ({ query }) => ({
          columns: [
            { name: '_id', type: 'VARCHAR' },
            { name: 'repository', type: 'STRUCT' },
          ],
          rows: [
            [
              `event-${query.get('offset')}`,
              { name: 'millrace', topics: ['delivery', 'lake', 'portal', 'x'] },
            ],
          ],
          total: 1200,
          limit: 50,
          offset: Number(query.get('offset')),
        }),
      },
      `/?partition=${encodeURIComponent(BUCKET)}`,
    );
    const dialog = await screen.findByRole('dialog', {
      name: `${NAME}, 2026-11-21 10:52–10:53 UTC`,
    });
    const panel = within(dialog);
    expect(
      panel.getByText(/It was sealed 10:53:04 UTC, \+4 s. It holds 1,200/),
    ).toBeInTheDocument();
    expect(
      panel.getByRole('row', { name: '= accepted 1,204' }),
    ).toBeInTheDocument();
    expect(
      panel.getByRole('row', { name: /part-00000.parquet.*ab12/ }),
    ).toBeInTheDocument();
    expect(panel.getByText(/r0001\/manifest.json/)).toBeInTheDocument();

    expect(
      await panel.findByText(/"topics":\["delivery","lake"/),
    ).toBeInTheDocument();
    await userEvent.click(panel.getByRole('button', { name: 'Next rows' }));
    expect(await panel.findByText('event-50')).toBeInTheDocument();
    expect(panel.getByText('Rows 51–100 of 1,200')).toBeInTheDocument();

    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
  });

  it('keeps counts open and rows closed to who may not read them', async () => {
    renderContent(
      {
        ...HEALTHY,
        [`GET ${PARTITION}/rows`]: () => failure(403, 'Not allowed'),
      },
      `/?partition=${encodeURIComponent(BUCKET)}`,
    );
    const panel = within(await screen.findByRole('dialog'));
    expect(
      await panel.findByText('You may not read the rows'),
    ).toBeInTheDocument();
    expect(
      panel.getByRole('link', { name: 'webhooks', hidden: true }),
    ).toHaveAttribute('href', '/catalog/default/group/webhooks');
    expect(
      panel.getByRole('row', { name: '= accepted 1,204' }),
    ).toBeInTheDocument();
  });
});
