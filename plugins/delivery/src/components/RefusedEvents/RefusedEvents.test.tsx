import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router-dom';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { type Routes, backends, failure } from '../../__testUtils__/estate';
import {
  refusedEvent,
  refusedGroup,
  refusedGroups,
} from '../../__testUtils__/refusals';
import { RefusedEvents } from './RefusedEvents';

const NAME = 'repository.pushed';
const BASE = `/delivery/event-types/${NAME}`;

const FULL: Routes = {
  [`GET ${BASE}/refused/groups`]: () => refusedGroups(),
  [`GET ${BASE}/refused`]: () => ({
    items: [refusedEvent(), refusedEvent({ refusalId: 'r2', eventId: 'e2' })],
    total: 1240,
    byReason: [],
  }),
  [`GET ${BASE}/refused/r1`]: () => ({
    ...refusedEvent(),
    event: '{"id":"e1","data":{"paid":true}}',
  }),
  [`GET ${BASE}/replays`]: () => ({ items: [] }),
};

function Address() {
  const { search } = useLocation();
  return <output aria-label="address">{search}</output>;
}

/** Decisions are remembered by name, so the undecided one is of another. */
const OTHER_NAME = 'issue.opened';
const notAllowed = new Promise<never>(() => {});

function renderRefused(routes: Routes, at = '/', name = NAME) {
  const { fetchApi, requests } = backends(routes);
  renderInTestApp(
    <EntityProvider
      entity={{
        apiVersion: 'millrace.io/v1alpha1',
        kind: 'EventType',
        metadata: { name, namespace: 'default' },
        spec: {},
      }}
    >
      <RefusedEvents name={name} />
      <Address />
    </EntityProvider>,
    {
      apis: [
        [deliveryApiRef, new DeliveryClient({ fetchApi })],
        name === OTHER_NAME
          ? mockApis.permission.mock({ authorize: () => notAllowed })
          : mockApis.permission(),
      ],
      mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
      initialRouteEntries: [at],
    },
  );
  return { requests };
}

const listRequests = (requests: string[]) =>
  requests
    .filter(request => request.startsWith(`GET ${BASE}/refused?`))
    .map(request => new URLSearchParams(request.split('?')[1]));

describe('RefusedEvents', () => {
  it('answers in words, then shows the groups, then the events', async () => {
    renderRefused(FULL);
    expect(
      await screen.findByText(
        /^1,240 events were refused in the last 24 hours, 97 % because \/data\/amount is missing; the last one .+ ago\.$/,
      ),
    ).toBeInTheDocument();
    const groups = within(
      screen.getByRole('table', { name: 'By reason and field' }),
    );
    expect(
      groups.getByRole('row', {
        name: /a required field is missing missing_field \/data\/amount 1,215 .* checkout/,
      }),
    ).toBeInTheDocument();
    const list = within(
      await screen.findByRole('table', {
        name: 'Refused events, newest first',
      }),
    );
    expect(list.getByRole('row', { name: /e1/ })).toHaveTextContent('checkout');
  });

  it('shows an event with the missing field marked where it belongs', async () => {
    const { requests } = renderRefused(FULL);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Show event e1' }),
    );
    const text = await screen.findByRole('group', {
      name: 'Event e1 as it came',
    });
    expect(within(text).getByText(/"amount" is missing here/)).toBeVisible();
    expect(screen.getByLabelText('address')).toHaveTextContent('refusal=r1');
    await userEvent.click(
      screen.getByRole('button', { name: 'Hide event e1' }),
    );
    expect(text).not.toBeInTheDocument();
    // Each reading of content is audited, so it is not polled.
    expect(
      requests.filter(request => request.endsWith('/refused/r1')),
    ).toHaveLength(1);
  });

  it('keeps every filter in the address and asks the backend for it', async () => {
    const { requests } = renderRefused(
      FULL,
      '/?reason=missing_field&field=%2Fdata%2Famount&writeKey=k1&replayed=none&within=7d',
    );
    await screen.findByRole('table', { name: 'Refused events, newest first' });
    const [first] = listRequests(requests);
    expect(Object.fromEntries(first)).toMatchObject({
      reason: 'missing_field',
      pointer: '/data/amount',
      writeKeyId: 'k1',
      replayState: 'none',
    });
    const days =
      (Date.now() - Date.parse(first.get('since') ?? '')) / 86_400_000;
    expect(days).toBeCloseTo(7, 1);

    await userEvent.type(screen.getByLabelText('Event id'), 'e2');
    await waitFor(() =>
      expect(screen.getByLabelText('address')).toHaveTextContent('eventId=e2'),
    );
    await waitFor(() =>
      expect(
        listRequests(requests).some(query => query.get('eventId') === 'e2'),
      ).toBe(true),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    await waitFor(() =>
      expect(screen.getByLabelText('address')).toHaveTextContent(
        /^\?within=7d$/,
      ),
    );
  });

  it('narrows the list to a group', async () => {
    renderRefused(FULL);
    await userEvent.click(
      await screen.findByRole('button', {
        name: /^Show the events: a field is not in the schema/,
      }),
    );
    await waitFor(() =>
      expect(screen.getByLabelText('address')).toHaveTextContent(
        'reason=unknown_field&field=%2Fdata%2Fcolour',
      ),
    );
  });

  it('shows a new refusal without being asked', async () => {
    let items = [refusedEvent()];
    renderRefused({
      ...FULL,
      [`GET ${BASE}/refused`]: () => ({
        items,
        total: items.length,
        byReason: [],
      }),
    });
    await screen.findByRole('button', { name: 'Show event e1' });
    items = [refusedEvent({ refusalId: 'r9', eventId: 'e9' }), ...items];
    expect(
      await screen.findByRole(
        'button',
        { name: 'Show event e9' },
        { timeout: 5000 },
      ),
    ).toBeInTheDocument();
  });

  it('offers selected events to be fixed, and all of a filter otherwise', async () => {
    renderRefused(FULL);
    expect(
      await screen.findByRole('button', {
        name: 'Fix and replay all 1,240 shown here',
      }),
    ).toBeEnabled();
    await userEvent.click(screen.getByLabelText('Select event e2'));
    expect(
      screen.getByRole('button', { name: 'Fix and replay 1 selected' }),
    ).toBeEnabled();
    await userEvent.click(screen.getByLabelText('Select all 2 on this page'));
    expect(
      screen.getByRole('button', { name: 'Fix and replay 2 selected' }),
    ).toBeEnabled();
  });

  it('offers no replay to who is not known to be allowed one', async () => {
    const ofOther = Object.entries(FULL).map(
      ([route, answer]) => [route.replace(NAME, OTHER_NAME), answer] as const,
    );
    renderRefused(Object.fromEntries(ofOther), '/', OTHER_NAME);
    await screen.findByRole('button', { name: 'Show event e1' });
    expect(
      screen.queryByRole('button', { name: /Fix and replay/ }),
    ).not.toBeInTheDocument();
    expect(screen.queryByRole('checkbox')).not.toBeInTheDocument();
  });

  it('shows counts and no events to who may see counts only', async () => {
    const { requests } = renderRefused({
      [`GET ${BASE}/refused/groups`]: () =>
        refusedGroups({
          detail: 'counts',
          items: [refusedGroup({ field: undefined, writeKeys: [] })],
        }),
    });
    expect(
      await screen.findByText('You may not see the refused events'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/1,240 events were refused .* a required field is/),
    ).toBeInTheDocument();
    expect(listRequests(requests)).toHaveLength(0);
    expect(screen.queryByRole('search')).not.toBeInTheDocument();
  });

  it('says so when one event may not be read', async () => {
    renderRefused({
      ...FULL,
      [`GET ${BASE}/refused/r1`]: () => failure(403, 'Not allowed'),
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Show event e1' }),
    );
    expect(
      await screen.findByText('You may not read this event'),
    ).toBeInTheDocument();
  });

  it('says that nothing was refused, and why it knows nothing', async () => {
    renderRefused({
      ...FULL,
      [`GET ${BASE}/refused/groups`]: () =>
        refusedGroups({ items: [], total: 0 }),
      [`GET ${BASE}/refused`]: () => failure(503, 'The ledger is starting'),
    });
    expect(
      await screen.findByText('No event was refused in the last 24 hours.'),
    ).toBeInTheDocument();
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /could not be listed.*The ledger is starting/,
    );
  });

  it('stays readable with hundreds of groups', async () => {
    const items = Array.from({ length: 200 }, (_, at) =>
      refusedGroup({ field: `/data/field_${at}`, count: 200 - at }),
    );
    renderRefused({
      ...FULL,
      [`GET ${BASE}/refused/groups`]: () =>
        refusedGroups({ items, total: 30_000 }),
    });
    const table = await screen.findByRole('table', {
      name: 'By reason and field',
    });
    expect(within(table).getAllByRole('row')).toHaveLength(11);
    expect(screen.getByText(/9,900 events more in smaller/)).toBeVisible();
    await userEvent.click(
      screen.getByRole('button', { name: 'Show 190 more groups' }),
    );
    expect(within(table).getAllByRole('row')).toHaveLength(201);
  });
});
