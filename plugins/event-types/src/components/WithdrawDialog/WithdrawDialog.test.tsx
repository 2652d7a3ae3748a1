import { fetchApiRef } from '@backstage/frontend-plugin-api';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import type {
  EventType,
  EventTypeFootprint,
  KnownReaders,
  WithdrawalReview,
} from '@millrace/plugin-event-types-common';
import {
  configure,
  fireEvent,
  screen,
  waitFor,
  within,
} from '@testing-library/react';
import { WithdrawalPanel } from './WithdrawalPanel';

configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);

const REVIEW: WithdrawalReview = {
  graceMs: 7 * 24 * 60 * 60 * 1000,
  isAllowed: true,
  blockers: [],
  versions: 1,
};

const FOOTPRINT: EventTypeFootprint = {
  resources: [
    { kind: 'topic', name: 'event.shop.order', exists: true },
    { kind: 'subscription', name: 'event.shop.order.delivery', exists: true },
    { kind: 'topic', name: 'refused.shop.order', exists: false },
  ],
  inFlight: 3,
  lastReceivedAt: '2026-11-21T10:52:00.000Z',
  partitions: {
    count: 12,
    events: 1200,
    first: '2026-11-20T10:00:00.000Z',
    last: '2026-11-21T10:00:00.000Z',
  },
  producers: {
    items: [
      {
        keyId: 'k1',
        name: 'checkout',
        owner: 'group:default/shop',
        isOnlyUse: true,
        lastUsedAt: '2026-11-21T10:52:00.000Z',
      },
    ],
    total: 1,
    unrestricted: 0,
  },
  sinks: ['avro'],
};

function renderPanel(
  eventType: Partial<EventType> = {},
  answers: {
    review?: Partial<WithdrawalReview>;
    footprint?: Partial<EventTypeFootprint> | null;
    readers?: KnownReaders;
    withdraw?: () => Response;
  } = {},
) {
  const sent: { method: string; url: string; body?: unknown }[] = [];
  const onChanged = jest.fn();
  const fetchApi = mockApis.fetch({
    baseImplementation: async (input, init) => {
      const url = String(input);
      const method = init?.method ?? 'GET';
      if (method !== 'GET') {
        sent.push({
          method,
          url,
          body: init?.body ? JSON.parse(String(init.body)) : undefined,
        });
        return answers.withdraw?.() ?? Response.json({});
      }
      if (url.includes('/footprint')) {
        return answers.footprint === null
          ? Response.json({}, { status: 404 })
          : Response.json({ ...FOOTPRINT, ...answers.footprint });
      }
      if (url.endsWith('/evolution')) {
        return Response.json({
          readers: answers.readers ?? { isKnown: false },
        });
      }
      return Response.json({ ...REVIEW, ...answers.review });
    },
  });
  renderInTestApp(
    <WithdrawalPanel
      eventType={{ name: 'shop.order', ...eventType }}
      onChanged={onChanged}
    />,
    {
      apis: [[fetchApiRef, fetchApi], mockApis.permission()],
      mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    },
  );
  return { sent, onChanged };
}

describe('WithdrawalPanel', () => {
  it('shows what there is and what becomes of it before anything is done', async () => {
    const { sent, onChanged } = renderPanel();
    fireEvent.click(await screen.findByRole('button', { name: 'Withdraw…' }));
    expect(
      await screen.findByText('1 topic, 1 subscription'),
    ).toBeInTheDocument();
    expect(screen.getByText('3 events not sealed yet')).toBeInTheDocument();
    expect(screen.getByText(/12 with 1,200 events/)).toBeInTheDocument();
    expect(screen.getByText('checkout')).toBeInTheDocument();
    expect(screen.getByText('avro')).toBeInTheDocument();
    expect(screen.getByText(/you can undo this/)).toBeInTheDocument();
    expect(sent).toEqual([]);

    const withdraw = screen.getByRole('button', { name: 'Withdraw' });
    expect(withdraw).toBeDisabled();
    fireEvent.change(screen.getByRole('textbox', { name: /Reason/ }), {
      target: { value: ' Nobody reads it ' },
    });
    fireEvent.click(withdraw);
    await waitFor(() => expect(onChanged).toHaveBeenCalled());
    expect(sent).toEqual([
      {
        method: 'PUT',
        url: 'plugin://event-types/event-types/shop.order/withdrawal',
        body: { reason: 'Nobody reads it' },
      },
    ]);
  });

  it.each<[string, KnownReaders, RegExp, string[]]>([
    ['is not known', { isKnown: false }, /Who reads it is not known here/, []],
    [
      'is nobody',
      { isKnown: true, readers: [] },
      /Nobody is known to read it/,
      [],
    ],
    [
      'is known',
      {
        isKnown: true,
        readers: [
          { entityRef: 'component:default/reports', isAffected: false },
          { entityRef: 'component:default/search', isAffected: false },
        ],
      },
      /2 readers would get no more new data/,
      [
        '/catalog/default/component/reports',
        '/catalog/default/component/search',
      ],
    ],
  ])(
    'says who would go without, where that %s',
    async (_, readers, words, links) => {
      renderPanel({}, { readers });
      fireEvent.click(await screen.findByRole('button', { name: 'Withdraw…' }));
      expect(await screen.findByText(words)).toBeInTheDocument();
      expect(
        within(screen.getByRole('dialog'))
          .queryAllByRole('link')
          .map(link => link.getAttribute('href')),
      ).toEqual(links);
    },
  );

  it('says what to do first where a file declares it', async () => {
    renderPanel(
      {},
      {
        review: {
          blockers: [
            {
              code: 'declared_in_catalog',
              message: 'It is declared in a file. Remove it there first',
            },
          ],
        },
      },
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Withdraw…' }));
    expect(
      await screen.findByText(/Remove it there first/),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Withdraw' })).toBeDisabled();
    expect(screen.queryByRole('textbox')).not.toBeInTheDocument();
  });

  it('stays open when it fails, with what was filled in', async () => {
    const { onChanged } = renderPanel(
      {},
      {
        withdraw: () =>
          Response.json(
            {
              error: { name: 'ConflictError', message: 'Somebody was faster' },
            },
            { status: 409 },
          ),
      },
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Withdraw…' }));
    fireEvent.change(await screen.findByRole('textbox', { name: /Reason/ }), {
      target: { value: 'Nobody reads it' },
    });
    fireEvent.click(screen.getByRole('button', { name: 'Withdraw' }));
    expect(
      await screen.findByText('It was not withdrawn.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('textbox', { name: /Reason/ })).toHaveValue(
      'Nobody reads it',
    );
    expect(onChanged).not.toHaveBeenCalled();
  });

  it('works where no delivery is installed', async () => {
    renderPanel({}, { footprint: null });
    fireEvent.click(await screen.findByRole('button', { name: 'Withdraw…' }));
    expect(
      await screen.findByText('Delivery knows nothing of it.'),
    ).toBeInTheDocument();
  });

  it('lets who withdrew it keep it', async () => {
    const { sent, onChanged } = renderPanel({
      withdrawal: {
        since: '2026-11-21T10:00:00.000Z',
        by: 'user:default/owner',
        reason: 'Nobody reads it',
        endsAt: '2026-11-28T10:00:00.000Z',
      },
    });
    expect(
      await screen.findByText('Withdrawn: Nobody reads it'),
    ).toBeInTheDocument();
    fireEvent.click(await screen.findByRole('button', { name: 'Keep it' }));
    const buttons = await screen.findAllByRole('button', { name: 'Keep it' });
    fireEvent.click(buttons[buttons.length - 1]);
    await waitFor(() => expect(onChanged).toHaveBeenCalled());
    expect(sent).toEqual([
      {
        method: 'DELETE',
        url: 'plugin://event-types/event-types/shop.order/withdrawal',
      },
    ]);
  });

  it('says how far taking it down has come', async () => {
    renderPanel(
      {
        withdrawal: {
          since: '2026-11-14T10:00:00.000Z',
          by: 'user:default/owner',
          reason: 'Nobody reads it',
          endsAt: '2026-11-21T10:00:00.000Z',
          removalBeganAt: '2026-11-21T10:00:05.000Z',
        },
      },
      {
        footprint: {
          removal: {
            step: 'draining',
            finished: {},
            beganAt: '2026-11-21T10:00:06.000Z',
            waitingFor: {
              code: 'draining',
              message: 'The workers take what is left.',
              since: '2026-11-21T10:00:08.000Z',
            },
          },
        },
      },
    );
    expect(
      await screen.findByText(/The workers take what is left/),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Withdraw…' }),
    ).not.toBeInTheDocument();
  });
});
