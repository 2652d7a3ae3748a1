import { renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import type {
  BucketClosing,
  BucketLine,
  LineDetail,
  PartitionDetail,
} from '@millrace/plugin-delivery-common';
import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeliveryClient, deliveryApiRef } from '../../api';
import {
  NOW,
  type Routes,
  backends,
  dayRow,
  detail,
  failure,
  ledgerLine,
  ledgerPage,
  ledgerRow,
  row,
  status,
} from '../../__testUtils__/estate';
import {
  refusedEvent,
  refusedGroup,
  refusedGroups,
} from '../../__testUtils__/refusals';
import { DeliveryContent } from './DeliveryContent';

// The panel of a partition is a large page, and is found by what is said of it.
jest.setTimeout(60_000);
configure({ asyncUtilTimeout: 10_000 });

/** Only what the clock says is ours; what waits goes on by itself. */
const REAL_TIMERS = [
  'cancelAnimationFrame',
  'cancelIdleCallback',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'requestAnimationFrame',
  'requestIdleCallback',
  'setImmediate',
  'setInterval',
  'setTimeout',
] as const;

const NAME = 'repository.pushed';
const BASE = `/delivery/event-types/${NAME}`;
const BUCKET = '2026-11-21T10:52:00.000Z';
const PARTITION = `${BASE}/partitions/${BUCKET}`;

const LEDGER = `${BASE}/ledger`;

/** The line of the bucket, and what one gateway contributed. */
const LINE: LineDetail<BucketLine> = {
  line: { bucketStart: BUCKET, ...ledgerLine() },
  gateways: [
    {
      gateway: 'gateway-1',
      epoch: 'e-1',
      accepted: 1204,
      sealed: 1204,
      staged: 0,
      unreadable: 0,
      notArrived: 0,
      missingBatches: 0,
      outside: 0,
      difference: 0,
      buckets: 1,
      declaredBuckets: 1,
    },
  ],
  findings: [],
};

const CLOSED: BucketClosing = {
  eventType: NAME,
  bucketStart: BUCKET,
  bucketEnd: '2026-11-21T10:53:00.000Z',
  state: 'sealed',
  message: 'It is sealed',
  decision: {
    rule: 'every-gateway-declared',
    inputs: {
      gateways: [
        {
          gateway: 'gateway-1',
          epoch: 'e-1',
          declared: true,
          lastBatch: 3,
          declaredEvents: 1204,
          stagedBatches: 3,
          stagedEvents: 1204,
          missingBatches: [],
          abandonedBatches: [],
        },
      ],
    },
  },
};

const HEALTHY: Routes = {
  'GET /delivery/status': () => status(),
  [`GET ${BASE}`]: () => row(NAME),
  [`GET ${LEDGER}`]: ({ query }) => {
    if (query.get('by') === 'day') {
      return ledgerPage({
        unit: 'day',
        items: [dayRow()],
        last24h: dayRow(),
      });
    }
    return query.has('before')
      ? ledgerPage({ items: [ledgerRow('2026-11-21T10:51:00.000Z')] })
      : ledgerPage({
          items: [
            ledgerRow('2026-11-21T10:53:00.000Z', { state: 'open' }),
            ledgerRow(BUCKET),
          ],
          nextBefore: BUCKET,
        });
  },
  [`GET ${BASE}/books/${BUCKET}`]: () => LINE,
  [`GET ${BASE}/closing/${BUCKET}`]: () => CLOSED,
  [`GET ${PARTITION}`]: () => sealedDetail(),
  [`GET ${BASE}/audits`]: () => ({
    items: [
      {
        bucketStart: BUCKET,
        revision: 1,
        audit: {
          auditedAt: '2026-11-21T10:53:09.000Z',
          audits: 2,
          checks: [],
          rowsRead: 1200,
          bytesRead: 48_000,
        },
        findings: 0,
      },
    ],
  }),
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

/** Sealed, with all that is kept of it. */
function sealedDetail(overrides: Partial<PartitionDetail> = {}) {
  return detail({
    stages: ledgerRow(BUCKET).bucket?.stages,
    keySums: { verdict: 'agree', message: 'The hashes agree' },
    ...overrides,
  });
}

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
  beforeEach(() => {
    jest.useFakeTimers({ now: NOW, doNotFake: [...REAL_TIMERS] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('answers in a sentence, and shows each line with its state, sum and lateness', async () => {
    const { requests } = renderContent(HEALTHY);
    expect(
      await screen.findByRole('heading', {
        name: 'Not quite: 1,203 of 1,204 events of the last 24 hours are delivered, 1 refused at sealing and kept, and all 653 minutes sealed in time.',
      }),
    ).toBeInTheDocument();
    const partitions = within(
      await screen.findByRole('region', { name: 'Partitions' }),
    );
    const sealed = await partitions.findByRole('row', {
      name: /2026-11-21 10:52–10:53 UTC sealed 1,204 1,200 3 1 0 to zero 99.9 % \+4 s .*expected by 10:54:00 UTC, sealed 10:53:04 UTC \(in time\)/,
    });
    expect(
      within(sealed).getByRole('link', { name: '2026-11-21 10:52–10:53 UTC' }),
    ).toHaveAttribute('href', `/?partition=${encodeURIComponent(BUCKET)}`);
    expect(
      within(sealed).getByRole('img', {
        name: 'published 0.3 s, staged 0.7 s, closed 1.5 s, sealed 1.5 s',
      }),
    ).toBeInTheDocument();
    expect(
      partitions.getByRole('row', { name: /10:53–10:54 UTC open/ }),
    ).toBeInTheDocument();
    expect(
      within(screen.getByRole('region', { name: 'Days' })).getByRole('link', {
        name: '2026-11-21 UTC',
      }),
    ).toHaveAttribute('href', '/?day=2026-11-21');

    await userEvent.click(
      partitions.getByRole('button', { name: 'Load older partitions' }),
    );
    expect(
      await partitions.findByRole('link', {
        name: '2026-11-21 10:51–10:52 UTC',
      }),
    ).toBeInTheDocument();
    expect(requests).toContain(
      `GET ${LEDGER}?by=bucket&before=${encodeURIComponent(BUCKET)}`,
    );
    expect(
      partitions.queryByRole('button', { name: 'Load older partitions' }),
    ).not.toBeInTheDocument();
  });

  it('asks a constant number of questions, however much there is', async () => {
    const { requests } = renderContent(HEALTHY);
    await screen.findByRole('link', { name: '2026-11-21 10:52–10:53 UTC' });
    await screen.findByText(/^1 event was refused in the last 24 hours/);
    expect(
      [...new Set(requests)].map(each => each.split('?')[0]).sort(),
    ).toEqual(
      [
        'GET /delivery/status',
        `GET ${BASE}`,
        `GET ${LEDGER}`,
        `GET ${LEDGER}`,
        `GET ${BASE}/refused`,
        `GET ${BASE}/refused/groups`,
        `GET ${BASE}/replays`,
      ].sort(),
    );
  });

  it('zooms into a day and an hour by the address', async () => {
    const hours = (query: URLSearchParams) =>
      query.get('by') === 'hour' && query.has('from');
    const { requests } = renderContent(
      {
        ...HEALTHY,
        [`GET ${LEDGER}`]: ({ query }) =>
          hours(query)
            ? ledgerPage({
                unit: 'hour',
                items: [
                  {
                    ...dayRow(),
                    start: '2026-11-20T10:00:00.000Z',
                    end: '2026-11-20T11:00:00.000Z',
                  },
                ],
              })
            : ledgerPage({ unit: 'day' }),
      },
      '/?day=2026-11-20',
    );
    const partitions = within(
      await screen.findByRole('region', { name: 'Partitions' }),
    );
    expect(
      await partitions.findByRole('link', { name: /10:00–11:00 UTC/ }),
    ).toHaveAttribute('href', '/?hour=2026-11-20T10');
    expect(
      partitions.getByText('653 sealed', { exact: false }),
    ).toBeInTheDocument();
    expect(
      partitions.getByText('median +3 s, at most +9 s'),
    ).toBeInTheDocument();
    expect(partitions.getByRole('link', { name: 'Newest' })).toHaveAttribute(
      'href',
      '/',
    );
    expect(requests).toContain(
      `GET ${LEDGER}?by=hour&from=2026-11-20T00%3A00%3A00.000Z&before=2026-11-21T00%3A00%3A00.000Z&limit=200`,
    );
  });

  it('says why a bucket waits, and what does not add up', async () => {
    renderContent({
      ...HEALTHY,
      [`GET ${LEDGER}`]: ({ query }) =>
        query.get('by') === 'day'
          ? ledgerPage({ unit: 'day' })
          : ledgerPage({
              items: [
                ledgerRow(
                  '2026-11-21T10:53:00.000Z',
                  {
                    state: 'waiting',
                    isLate: true,
                    waiting: {
                      since: '2026-11-21T10:54:01.000Z',
                      reasons: [
                        {
                          code: 'batches_missing',
                          message: 'Gateway g declared 3 batches; 1 is missing',
                        },
                      ],
                    },
                  },
                  ledgerLine({ accepted: 1207 }),
                ),
              ],
            }),
    });
    expect(
      await screen.findByText('Gateway g declared 3 batches; 1 is missing'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('row', {
        name: /waiting overdue .* 3 events unaccounted for/,
      }),
    ).toBeInTheDocument();
  });

  it('leads from a refused count to the events that were refused in that time', async () => {
    const { requests } = renderContent(HEALTHY);
    const sealed = await screen.findByRole('row', {
      name: /2026-11-21 10:52–10:53 UTC sealed/,
    });
    await userEvent.click(within(sealed).getByRole('link', { name: '1' }));
    expect(
      await screen.findByText('Received 2026-11-21 10:52–10:53 UTC'),
    ).toBeInTheDocument();
    await waitFor(() =>
      expect(requests).toContain(
        `GET ${BASE}/refused?until=2026-11-21T10%3A53%3A00.000Z&since=${encodeURIComponent(
          BUCKET,
        )}&limit=50`,
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
    const line = within(panel.getByRole('region', { name: 'Ledger line' }));
    expect(
      line.getByRole('row', { name: '= accepted 1,204' }),
    ).toBeInTheDocument();
    expect(
      line.getByRole('link', { name: 'kept with reason' }),
    ).toHaveAttribute('href', expect.stringContaining('refusedFrom='));
    expect(panel.getByText('hashes agree')).toBeInTheDocument();
    expect(
      panel.getByRole('row', { name: /gateway-1 e-1 1,204 1,204 0 to zero/ }),
    ).toBeInTheDocument();
    expect(
      panel.getByRole('row', {
        name: 'Last batch staged 10:53:01 UTC ledger 0.7 s, 18 %',
      }),
    ).toBeInTheDocument();
    expect(
      panel.getByText(/^Every gateway that was alive in it had said/),
    ).toBeInTheDocument();
    expect(
      panel.getByRole('row', {
        name: 'gateway-1 e-1 3 batches, 1,204 events 3 1,204 none',
      }),
    ).toBeInTheDocument();
    expect(
      panel.getByText(/Counted anew from its files 2 times/),
    ).toBeInTheDocument();
    expect(
      panel.getByRole('row', { name: /part-00000.parquet.*ab12/ }),
    ).toBeInTheDocument();
    expect(
      panel.getByRole('button', { name: 'Copy the SHA-256 of the manifest' }),
    ).toBeInTheDocument();
    expect(
      panel.getByText(/datasets\/repository.pushed\/partitions\/.*revision=1/),
    ).toBeInTheDocument();

    expect(
      await panel.findByText(/"topics":\["delivery","lake"/),
    ).toBeInTheDocument();
    await userEvent.click(panel.getByRole('button', { name: 'Next rows' }));
    expect(await panel.findByText('event-50')).toBeInTheDocument();
    expect(panel.getByText('Rows 51–100 of 1,200')).toBeInTheDocument();

    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
  });

  it('opens a bucket by the keyboard and gives the focus back when it is closed', async () => {
    renderContent(HEALTHY);
    const link = await screen.findByRole('link', {
      name: '2026-11-21 10:52–10:53 UTC',
    });
    link.focus();
    await userEvent.keyboard('{Enter}');
    const dialog = await screen.findByRole('dialog');
    await within(dialog).findByRole('region', { name: 'Ledger line' });
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
    await waitFor(() => expect(link).toHaveFocus());
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

  it('keeps an old revision readable, and says on top that it is one', async () => {
    const revision = {
      state: 'sealed' as const,
      isLive: false,
      accepted: 1204,
      delivered: 1200,
      duplicates: 3,
      refused: 1,
      conflicts: 0,
      skewed: 2,
      bytes: 48_000,
    };
    const { requests } = renderContent(
      {
        ...HEALTHY,
        [`GET ${PARTITION}`]: ({ query }) =>
          sealedDetail({
            revision: Number(query.get('revision')),
            isLive: false,
            supersededAt: '2026-11-22T09:00:00.000Z',
            revisions: [
              {
                ...revision,
                revision: 1,
                why: 'first delivery',
                sealedAt: '2026-11-21T10:53:04.000Z',
                supersededAt: '2026-11-22T09:00:00.000Z',
              },
              {
                ...revision,
                revision: 2,
                isLive: true,
                why: 'redeliver: a disk has lost a file',
                sealedAt: '2026-11-22T09:00:00.000Z',
                delivered: 1198,
                duplicates: 5,
              },
            ],
          }),
      },
      `/?partition=${encodeURIComponent(BUCKET)}&revision=1`,
    );
    const panel = within(await screen.findByRole('dialog'));
    expect(
      await panel.findByText(
        /^This is revision 1, which readers do not see any more since 2026-11-22 09:00:00 UTC. Revision 2 took its place./,
      ),
    ).toBeInTheDocument();
    const newer = panel.getByRole('row', {
      name: /^Revision 2 live redeliver: a disk has lost a file .* 1,204 1,198 \(−2\) 5 \(\+2\) 1 /,
    });
    expect(
      within(newer).getByRole('link', { name: 'Revision 2' }),
    ).toHaveAttribute('href', `/?partition=${encodeURIComponent(BUCKET)}`);
    await waitFor(() =>
      expect(requests).toContain(
        `GET ${PARTITION}/rows?revision=1&limit=50&offset=0`,
      ),
    );
  });

  it('opens a bucket that is not sealed, with what keeps it', async () => {
    renderContent(
      {
        ...HEALTHY,
        [`GET ${PARTITION}`]: () => failure(404, 'No partition'),
        [`GET ${BASE}/books/${BUCKET}`]: () => ({
          ...LINE,
          line: {
            ...LINE.line,
            delivered: 0,
            duplicates: 0,
            refused: 0,
            inFlight: {
              total: 1204,
              staged: 1000,
              unreadable: 0,
              notArrived: 204,
              missingBatches: 2,
            },
          },
        }),
        [`GET ${BASE}/closing/${BUCKET}`]: () => ({
          ...CLOSED,
          state: 'waiting',
          decision: {
            verdict: 'blocked',
            reasons: [{ code: 'batches_missing', message: 'Two are missing' }],
          },
          waiting: {
            since: '2026-11-21T10:53:02.000Z',
            worker: 'worker-1',
            decidedAt: '2026-11-21T10:53:09.000Z',
            isStale: false,
          },
          missing: {
            eventsAtMost: 204,
            gateways: [
              {
                gateway: 'gateway-1',
                epoch: 'e-1',
                declared: true,
                batches: [2, 3],
                abandonedBatches: [],
                eventsAtMost: 204,
              },
            ],
          },
        }),
      },
      `/?partition=${encodeURIComponent(BUCKET)}`,
    );
    const panel = within(await screen.findByRole('dialog'));
    expect(await panel.findByText('Two are missing')).toBeInTheDocument();
    expect(
      panel.getByRole('row', { name: 'gateway-1 e-1 2 batches: 2, 3 204' }),
    ).toBeInTheDocument();
    expect(
      panel.getByText(
        'In flight: 1,000 events staged and not sealed, 204 events declared and not arrived, in 2 batches.',
      ),
    ).toBeInTheDocument();
    expect(
      panel.getByRole('row', { name: '= accepted 1,204' }),
    ).toBeInTheDocument();
  });
});
