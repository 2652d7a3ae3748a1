import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeliveryClient, deliveryApiRef } from '../../api';
import {
  type Routes,
  backends,
  failure,
  row,
} from '../../__testUtils__/estate';
import { preview, replay } from '../../__testUtils__/refusals';
import { FixAndReplayDialog } from './FixAndReplayDialog';
import { ReplayPanel } from './ReplayPanel';
import { Replays } from './Replays';

const NAME = 'repository.pushed';
const BASE = `/delivery/event-types/${NAME}`;
const HREF = `/catalog/default/eventtype/${NAME}`;

function render(routes: Routes, element: JSX.Element) {
  const { fetchApi, requests } = backends({
    'GET /delivery/overview': () => ({
      items: [row(NAME), row('issue.opened')],
    }),
    ...routes,
  });
  renderInTestApp(element, {
    apis: [[deliveryApiRef, new DeliveryClient({ fetchApi })]],
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
  });
  return { requests };
}

const START = /^Start/;

describe('FixAndReplayDialog', () => {
  const onStarted = jest.fn();
  const onClose = jest.fn();
  beforeEach(() => jest.clearAllMocks());

  function open(routes: Routes) {
    const asked: unknown[] = [];
    const started: unknown[] = [];
    render(
      {
        [`POST ${BASE}/replays/preview`]: ({ body }) => {
          asked.push(body);
          return preview();
        },
        [`POST ${BASE}/replays`]: ({ body }) => {
          started.push(body);
          return replay();
        },
        ...routes,
      },
      <FixAndReplayDialog
        name={NAME}
        selection={{ reason: 'missing_field', pointer: '/data/amount' }}
        reason="missing_field"
        field="/data/amount"
        onStarted={onStarted}
        onClose={onClose}
      />,
    );
    return { asked, started };
  }

  it('leads from the change over its preview to the start', async () => {
    const { asked, started } = open({});
    expect(
      await screen.findByText(/Fill in the changes to see what they do/),
    ).toBeInTheDocument();
    expect(screen.getByLabelText('Place of change 1')).toHaveValue(
      '/data/amount',
    );
    expect(screen.getByRole('button', { name: START })).toBeDisabled();

    await userEvent.type(screen.getByLabelText('Value of change 1'), '0');
    expect(screen.getByText('It becomes the number 0.')).toBeInTheDocument();
    expect(
      await screen.findByText(
        '1,200 of 1,215 events would be accepted, 10 still refused, 5 cannot be replayed.',
      ),
    ).toBeInTheDocument();
    expect(asked).toEqual([
      {
        selection: { reason: 'missing_field', pointer: '/data/amount' },
        fix: [{ op: 'set', pointer: '/data/amount', value: 0 }],
        samples: 5,
      },
    ]);
    const why = within(
      screen.getByRole('table', { name: 'Why not all of them' }),
    );
    expect(
      why.getByRole('row', { name: /\/data\/paid has the wrong type .* 10/ }),
    ).toBeInTheDocument();
    expect(
      why.getByRole('row', { name: /only the beginning of it was kept.* 5/ }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('group', { name: 'Sample 1 as it would be sent' }),
    ).toHaveTextContent('changed: "amount": 0');

    await userEvent.click(screen.getByRole('button', { name: START }));
    expect(await screen.findByText('Say why, in a few words.')).toBeVisible();
    expect(started).toHaveLength(0);

    await userEvent.type(screen.getByLabelText(/^Reason/), 'Release 7 ');
    await userEvent.click(
      screen.getByRole('button', { name: 'Start: send 1,200 again' }),
    );
    await waitFor(() => expect(onStarted).toHaveBeenCalledWith(replay()));
    expect(started).toEqual([
      {
        selection: { reason: 'missing_field', pointer: '/data/amount' },
        fix: [{ op: 'set', pointer: '/data/amount', value: 0 }],
        reason: 'Release 7',
      },
    ]);
  });

  it('keeps what was filled in when it could not be started', async () => {
    open({
      [`POST ${BASE}/replays`]: () => failure(503, 'No gateway is alive'),
    });
    await userEvent.click(
      await screen.findByRole('radio', { name: /send the events as they are/ }),
    );
    await userEvent.type(screen.getByLabelText(/^Reason/), 'Schema mended');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Start: send 1,200 again' }),
    );
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /was not started. Nothing was sent.*No gateway is alive/,
    );
    expect(screen.getByLabelText(/^Reason/)).toHaveValue('Schema mended');
    expect(onStarted).not.toHaveBeenCalled();
  });

  it('can not be started while nothing would be accepted', async () => {
    open({
      [`POST ${BASE}/replays/preview`]: () =>
        preview({
          selected: 0,
          wouldBeAccepted: 0,
          wouldBeRefused: 0,
          notReplayable: 0,
          samples: [],
          refusedBy: [],
          notReplayableBy: [],
        }),
    });
    await userEvent.click(
      await screen.findByRole('radio', { name: /send the events as they are/ }),
    );
    expect(
      await screen.findByText(/^Nothing is left to be replayed/),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: START })).toBeDisabled();
  });

  it('says why there is no preview and asks again when told to', async () => {
    let isDown = true;
    open({
      [`POST ${BASE}/replays/preview`]: () =>
        isDown ? failure(503, 'The ledger is starting') : preview(),
    });
    await userEvent.type(
      await screen.findByLabelText('Value of change 1'),
      '0',
    );
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /preview could not be made.*The ledger is starting/,
    );
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByText(/^1,200 of 1,215 events would be accepted/),
    ).toBeInTheDocument();
    expect(screen.getByLabelText('Value of change 1')).toHaveValue('0');
  });

  it('moves the focus with the rows of changes', async () => {
    open({});
    await userEvent.click(
      await screen.findByRole('button', { name: 'Add a change' }),
    );
    const rows = within(screen.getByRole('list', { name: 'Changes' }));
    const [, second] = rows.getAllByRole('listitem');
    expect(second).toContainElement(document.activeElement as HTMLElement);
    await userEvent.click(
      screen.getByRole('button', { name: 'Remove change 2' }),
    );
    expect(rows.getByRole('listitem')).toContainElement(
      document.activeElement as HTMLElement,
    );
  });

  it('survives a click beside it and closes by its button', async () => {
    open({});
    await screen.findByLabelText('Value of change 1');
    await userEvent.click(document.body);
    expect(onClose).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(onClose).toHaveBeenCalled();
  });
});

describe('ReplayPanel', () => {
  const landed = {
    eventType: NAME,
    bucketStart: '2026-11-21T10:53:00.000Z',
    bucketEnd: '2026-11-21T10:54:00.000Z',
    revision: 1,
    sealedAt: '2026-11-21T10:54:04.000Z',
  };
  const proven = replay({
    state: 'proven',
    counts: {
      selected: 3,
      waiting: 0,
      sent: 3,
      accepted: 2,
      refusedAgain: 1,
      notReplayable: 0,
      notSent: 0,
      landed: 2,
      duplicates: 0,
      inFlight: 0,
    },
  });

  it('follows a replay until each event is proven to lie in a partition', async () => {
    let answer: object = { ...replay(), events: [] };
    render(
      { [`GET ${BASE}/replays/p1`]: () => answer },
      <ReplayPanel
        name={NAME}
        replayId="p1"
        entityHref={HREF}
        onClose={() => {}}
      />,
    );
    expect(
      await screen.findByText('Sending: 2 of 3 events have their outcome.'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('progressbar', { name: /final outcome/ }),
    ).toBeInTheDocument();
    expect(
      screen.getByText(
        /Release 7 forgot the amount”. Change: set \/data\/amount to 0/,
      ),
    ).toBeInTheDocument();

    answer = {
      ...proven,
      events: [
        {
          refusalId: 'r1',
          state: 'landed',
          eventId: 'e1',
          isIdMinted: false,
          copies: 1,
          landed,
        },
        {
          refusalId: 'r2',
          state: 'landed',
          isIdMinted: true,
          eventId: 'new',
          copies: 1,
          landed,
        },
        {
          refusalId: 'r3',
          state: 'refused-again',
          eventId: 'e3',
          isIdMinted: false,
          copies: 0,
          refusal: { reason: 'wrong_type', message: 'paid must be a boolean' },
        },
      ],
    };
    expect(
      await screen.findByText(
        '2 events landed exactly once; 1 refused again.',
        {},
        { timeout: 5000 },
      ),
    ).toBeInTheDocument();
    expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
    const books = within(
      screen.getByRole('table', { name: 'What became of the events' }),
    );
    expect(books.getByRole('row', { name: '= selected 3' })).toBeVisible();
    const [link] = screen.getAllByRole('link', {
      name: '2026-11-21 10:53–10:54 UTC',
    });
    expect(link).toHaveAttribute(
      'href',
      `${HREF}/delivery?partition=${encodeURIComponent(landed.bucketStart)}`,
    );
    expect(
      screen.getByRole('row', { name: /e3 refused again paid must be/ }),
    ).toBeInTheDocument();
  });

  it('says what went wrong when it was given up', async () => {
    render(
      {
        [`GET ${BASE}/replays/p1`]: () => ({
          ...replay({ state: 'failed', message: 'No gateway answered' }),
          events: [],
        }),
      },
      <ReplayPanel
        name={NAME}
        replayId="p1"
        entityHref={HREF}
        onClose={() => {}}
      />,
    );
    expect(
      await screen.findByText('Given up: No gateway answered.'),
    ).toBeInTheDocument();
  });

  it('says so when there is no such replay', async () => {
    render(
      {},
      <ReplayPanel
        name={NAME}
        replayId="gone"
        entityHref={HREF}
        onClose={() => {}}
      />,
    );
    expect(
      await screen.findByText('There is no such replay'),
    ).toBeInTheDocument();
  });

  it('is listed with who, when and why', async () => {
    render(
      { [`GET ${BASE}/replays`]: () => ({ items: [proven] }) },
      <Replays name={NAME} hrefOf={id => `?replay=${id}`} />,
    );
    const line = await screen.findByRole('row', {
      name: /user:owner Release 7 forgot the amount set \/data\/amount to 0 3 2 2 1 proven/,
    });
    expect(
      within(line).getByRole('link', { name: '2026-11-21 10:53:00 UTC' }),
    ).toHaveAttribute('href', expect.stringContaining('?replay=p1'));
  });
});
