import type {
  AttentionLine,
  BucketClosing,
} from '@millrace/plugin-delivery-common';
import { attentionCodes } from '@millrace/plugin-delivery-common';
import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { NOW, failure } from '../../__testUtils__/estate';
import { operations, standing } from '../../__testUtils__/operations';
import {
  BUCKET,
  CLOSING_PATH,
  WAITING,
  WAITS,
  closing,
  renderPage,
} from './__testUtils__/operationsPage';
import {
  WHAT_TO_DO,
  describeBroker,
  describeLease,
  describeOperations,
  describeStaged,
} from './describeOperations';

// These pages are large, and a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });

jest.setTimeout(60_000);

describe('how delivery stands, in words', () => {
  it('answers with what is most urgent', () => {
    expect(describeOperations(operations())).toBe(
      'Nothing needs you: 1 gateway and 1 worker at work',
    );
    expect(
      describeOperations(
        operations({ attention: { items: [WAITS], total: 1 } }),
      ),
    ).toBe(
      'One thing needs you: a bucket of repository.pushed waits and is late',
    );
    const decision: AttentionLine = {
      code: 'revision_undecided',
      urgency: 'decision',
      what: 'w',
      count: 1,
    };
    expect(
      describeOperations(
        operations({ attention: { items: [WAITS, decision], total: 2 } }),
      ),
    ).toBe(
      '2 things need you (1 urgent, 1 to decide): a bucket of repository.pushed waits and is late',
    );
  });

  it('has something to do for everything that can need a person', () => {
    expect(Object.keys(WHAT_TO_DO).sort()).toEqual([...attentionCodes].sort());
  });

  it('never takes what was not measured for empty, and says what is stale', () => {
    expect(describeBroker(standing('a'), NOW)).toBe('not measured');
    const broker = {
      undelivered: 3,
      oldestUnackedAgeSeconds: 12,
      measuredAt: '2026-11-21T10:43:10.000Z',
      isStale: true,
    };
    expect(
      describeBroker(standing('a', { broker, missingBatches: 2 }), NOW),
    ).toBe(
      '2 declared batches not staged; 3 messages unacknowledged, the oldest for 12 s; stale: measured 10 min ago',
    );
    expect(
      describeBroker(
        standing('a', {
          broker: { ...broker, undelivered: 0, isStale: false },
        }),
        NOW,
      ),
    ).toBe('no message unacknowledged; measured 10 min ago');
  });

  it('separates what is due from what is merely staged', () => {
    expect(describeStaged(standing('a'))).toBe('nothing');
    expect(describeStaged(standing('a', { staged: 5 }))).toBe(
      '5 events of buckets that are not over',
    );
    expect(
      describeStaged(standing('a', { staged: 5, due: 3, dueAgeMs: 200_000 })),
    ).toBe('3 events of buckets that are over, the oldest for 3 min 20 s');
  });

  it('says who has a type, for how long, and until when', () => {
    expect(describeLease(standing('a'), NOW)).toBe(
      'worker-1 for 53 min 10 s; 15 s more if it falls silent',
    );
    expect(
      describeLease(
        standing('a', {
          consumption: 'orphaned',
          consumer: {
            worker: 'worker-2',
            since: '2026-11-21T10:43:10.000Z',
            until: '2026-11-21T10:53:00.000Z',
          },
        }),
        NOW,
      ),
    ).toBe('worker-2 for 10 min; its lease ended 10 s ago');
    expect(describeLease(standing('a', { consumer: undefined }), NOW)).toMatch(
      /claims it within seconds/,
    );
  });
});

describe('OperationsPage', () => {
  it('answers first, then lists what needs attention with why, what to do and the action', async () => {
    renderPage({
      'GET /delivery/operations': () =>
        operations({
          attention: { items: [WAITS], total: 1 },
          waiting: WAITING,
          eventTypes: {
            items: [standing('repository.pushed', { waitingBuckets: 1 })],
            total: 1,
          },
        }),
    });
    expect(
      await screen.findByRole('heading', {
        name: 'One thing needs you: a bucket of repository.pushed waits and is late',
      }),
    ).toBeInTheDocument();
    const [line] = within(
      screen.getByRole('list', { name: 'What needs attention' }),
    ).getAllByRole('listitem');
    expect(line).toHaveTextContent('urgent');
    expect(line).toHaveTextContent('waits and is late, for 2 min 10 s.');
    expect(line).toHaveTextContent('Two are not staged yet.');
    expect(line).toHaveTextContent('If it will not come, close the bucket');
    const row = screen.getByRole('row', { name: /10:50–10:51 UTC/ });
    expect(row).toHaveTextContent('waits, late');
    expect(
      screen.getByRole('row', { name: /1 bucket waits/ }),
    ).toHaveTextContent('worker-1 for 53 min');
    expect(screen.getByRole('row', { name: /gateway-1/ })).toHaveTextContent(
      'alive',
    );
  });

  it('says that nothing needs anybody, and that every list is empty for a reason', async () => {
    renderPage({});
    expect(await screen.findByText('Nothing needs you')).toBeInTheDocument();
    expect(screen.getByText(/^No bucket waits/)).toBeInTheDocument();
    expect(screen.getByText('No message is set aside.')).toBeInTheDocument();
    expect(
      screen.getByText('Every partition was sealed in time.'),
    ).toBeInTheDocument();
    expect(screen.getByText(/^No partition is being made again/)).toBeVisible();
  });

  it('says what went wrong when nothing could be loaded, and asks again when told to', async () => {
    let isDown = true;
    renderPage({
      'GET /delivery/operations': () =>
        isDown ? failure(503, 'The ledger cannot be reached') : operations(),
    });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /could not be loaded.*The ledger cannot be reached/,
    );
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Nothing needs you')).toBeInTheDocument();
  });

  it('searches and pages event types in the address, without losing the rest of the page', async () => {
    const asked: string[] = [];
    renderPage({
      'GET /delivery/operations': ({ query }) => {
        asked.push(String(query));
        return operations({
          eventTypes: {
            total: 60,
            items: [standing(query.get('search') ? 'shop.ship' : 'a.type')],
          },
        });
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Next' }));
    await waitFor(() =>
      expect(asked.some(query => query.includes('offset=25'))).toBe(true),
    );
    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search event types' }),
      'ship',
    );
    expect(
      await screen.findByRole('row', { name: /shop\.ship/ }),
    ).toBeInTheDocument();
    expect(asked[asked.length - 1]).toBe('search=ship&offset=0&limit=25');
    expect(screen.getByText('Nothing needs you')).toBeInTheDocument();
  });

  it('closes a bucket by keyboard: what would be missing, why, and only then', async () => {
    const forced: unknown[] = [];
    renderPage({
      'GET /delivery/operations': () => operations({ waiting: WAITING }),
      [`GET ${CLOSING_PATH}`]: () => closing(),
      [`POST ${CLOSING_PATH}/force`]: ({ body }) => {
        forced.push(body);
        return closing();
      },
    });
    const button = await screen.findByRole('button', {
      name: /^Force close 2026-11-21 10:50/,
    });
    button.focus();
    await userEvent.keyboard('{Enter}');
    const dialog = within(await screen.findByRole('dialog'));
    expect(
      await dialog.findByText('At most 20 events would be missing.'),
    ).toBeInTheDocument();
    expect(dialog.getByRole('row', { name: /gateway-1/ })).toHaveTextContent(
      '2, 4',
    );
    const close = dialog.getByRole('button', { name: 'Close it without them' });
    close.focus();
    await userEvent.keyboard('{Enter}');
    expect(
      await dialog.findByText('Say why, in at least 10 characters.'),
    ).toBeVisible();
    expect(forced).toEqual([]);
    dialog.getByLabelText(/^Reason/).focus();
    await userEvent.keyboard('The gateway burned down');
    close.focus();
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(forced).toEqual([{ reason: 'The gateway burned down' }]);
  });

  it('closes nothing that does not wait any more, and says who has ordered it', async () => {
    let state: BucketClosing = closing({ state: 'sealed', missing: undefined });
    renderPage(
      { [`GET ${CLOSING_PATH}`]: () => state },
      { at: `/delivery/operations?close=repository.pushed&bucket=${BUCKET}` },
    );
    expect(
      await screen.findByText('There is nothing to close by force'),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Close it without them' }),
    ).toBeNull();
    state = closing({
      forced: {
        reason: 'The gateway burned down',
        requestedBy: 'user:default/platform',
        requestedAt: '2026-11-21T10:53:00.000Z',
        missing: { gateways: [] },
      },
    });
    expect(
      await screen.findByText(
        /user:default\/platform has ordered it/,
        {},
        { timeout: 5_000 },
      ),
    ).toBeInTheDocument();
  });

  it('says that nobody can count what is missing when a gateway has not declared', async () => {
    renderPage(
      {
        [`GET ${CLOSING_PATH}`]: () =>
          closing({
            missing: {
              gateways: [
                {
                  gateway: 'gateway-2',
                  epoch: 'e',
                  declared: false,
                  batches: [],
                  abandonedBatches: [],
                },
              ],
            },
          }),
      },
      { at: `/delivery/operations?close=repository.pushed&bucket=${BUCKET}` },
    );
    expect(
      await screen.findByText(/^Nobody can say how many events/),
    ).toBeInTheDocument();
    expect(screen.getByRole('row', { name: /gateway-2/ })).toHaveTextContent(
      'unknown',
    );
  });

  it('has a message tried again, and says why when it is refused', async () => {
    const line = {
      poisonId: 'p1',
      eventType: 'repository.pushed',
      messageId: '7',
      reason: 'unreadable_body',
      message: 'It is not zstd',
      attempts: 3,
      bytes: 1200,
      recordedAt: '2026-11-21T10:43:10.000Z',
      mayRetry: true,
    };
    let isAllowed = false;
    let retries = 0;
    renderPage({
      'GET /delivery/operations': () =>
        operations({
          poison: {
            total: 2,
            scope: 'all',
            items: [
              {
                ...line,
                retryRequestedAt:
                  retries > 0 ? '2026-11-21T10:53:08.000Z' : undefined,
              },
              { ...line, poisonId: 'p2', messageId: '8', mayRetry: false },
            ],
          },
        }),
      'POST /delivery/event-types/repository.pushed/poison/p1/retry': () => {
        if (!isAllowed) {
          return failure(403, 'This needs a permission');
        }
        retries += 1;
        return {};
      },
    });
    const row = await screen.findByRole('row', { name: /7, 1\.2 kB/ });
    expect(row).toHaveTextContent('It is not zstd');
    expect(row).toHaveTextContent('3 attempts');
    expect(screen.getAllByRole('button', { name: /^Retry/ })).toHaveLength(1);
    const retry = within(row).getByRole('button', { name: /^Retry message 7/ });
    await userEvent.click(retry);
    expect(
      await screen.findByText('It is not tried again.'),
    ).toBeInTheDocument();
    isAllowed = true;
    await userEvent.click(retry);
    expect(await screen.findByText(/^Is tried again/)).toBeInTheDocument();
    expect(retries).toBe(1);
  });

  it('puts the focus where a line leads to', async () => {
    renderPage({
      'GET /delivery/operations': () =>
        operations({
          attention: {
            total: 1,
            items: [
              {
                code: 'no_worker',
                urgency: 'critical',
                what: 'No worker is alive',
                count: 1,
              },
            ],
          },
          processes: [],
        }),
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Show the processes' }),
    );
    expect(document.activeElement).toHaveTextContent('Workers and gateways');
    expect(screen.getByText('Nobody has reported')).toBeInTheDocument();
  });
});
