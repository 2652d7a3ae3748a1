import { renderInTestApp } from '@backstage/frontend-test-utils';
import type { RevisionOperation } from '@millrace/plugin-delivery-common';
import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router-dom';
import { DeliveryClient, deliveryApiRef } from '../../api';
import {
  type Routes,
  backends,
  failure,
  partition,
  row,
} from '../../__testUtils__/estate';
import { change, revision } from '../../__testUtils__/operations';
import { permissionsWithout } from '../../__testUtils__/permissions';
import {
  describeChanges,
  describeOperation,
  formatDifference,
  isBalanced,
  sumOf,
} from './describeRevision';
import { RevisePartition } from './RevisePartition';
import { RepairDialog } from './RepairDialog';
import { useRepairAddress } from './useRepairAddress';

// These pages are large, and a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });

jest.setTimeout(60_000);

const NAME = 'repository.pushed';
const BASE = `/delivery/event-types/${NAME}`;
const BUCKET = '2026-11-21T10:52:00.000Z';

const counts = (delivered: number, refused: number) => ({
  ...change().before,
  delivered,
  refused,
});

/** One that loses 5 refused events to delivered ones, and one that stays. */
const RESEAL = revision({
  kind: 'reseal',
  changes: [
    change({
      schemaVersionAfter: 2,
      before: counts(1200, 6),
      after: counts(1205, 1),
    }),
    change({
      bucketStart: '2026-11-21T10:53:00.000Z',
      bucketEnd: '2026-11-21T10:54:00.000Z',
    }),
  ],
});

describe('revisions in words', () => {
  it('sums before and after over all partitions, and names what differs', () => {
    expect(sumOf(RESEAL.changes)).toEqual({
      before: { accepted: 2408, delivered: 2400, duplicates: 6, refused: 7 },
      after: { accepted: 2408, delivered: 2405, duplicates: 6, refused: 2 },
    });
    expect(describeChanges(RESEAL)).toBe(
      '2 partitions would get a new revision; in sum delivered +5, refused −5',
    );
    expect(describeChanges({ ...revision(), state: 'done' })).toBe(
      '1 partition has a new revision; in sum every count stays as it is',
    );
    expect(
      describeChanges(revision({ changes: [change({ after: undefined })] })),
    ).toBe('1 partition would be made again');
    expect([formatDifference(3, 3), formatDifference(1, 1201)]).toEqual([
      '',
      '+1,200',
    ]);
  });

  it('sees accepted events appear or vanish', () => {
    expect(isBalanced(RESEAL.changes)).toBe(true);
    const { before } = change();
    expect(isBalanced([change({ after: { ...before, accepted: 1203 } })])).toBe(
      false,
    );
  });

  it.each<[RevisionOperation['state'], RegExp]>([
    ['previewing', /^The redelivery is being previewed: sealing, 1 of 2; noth/],
    ['running', /^The redelivery is running: sealing, 1 of 2; readers see/],
    ['failed', /nothing has changed: A staged file is gone$/],
    ['cancelled', /nothing has changed$/],
    ['expired', /Ask for a new one$/],
  ])('says what it means that one is %s', (state, expected) => {
    expect(
      describeOperation(
        revision({
          state,
          progress: { step: 'sealing', done: 1, total: 2 },
          problem: {
            code: 'staged_files_gone',
            message: 'A staged file is gone',
          },
        }),
      ),
    ).toMatch(expected);
  });
});

/** The repair of the address bar, and the address bar. */
function Repair() {
  const { address, open } = useRepairAddress();
  return address ? <RepairDialog address={address} onChange={open} /> : null;
}

function Address() {
  const { pathname, search } = useLocation();
  return <output aria-label="address">{`${pathname}${search}`}</output>;
}

function render(routes: Routes, at: string, element = <Repair />) {
  const { fetchApi, requests } = backends({
    'GET /delivery/overview': () => ({ items: [row(NAME)] }),
    [`GET ${BASE}/partitions`]: () => ({
      items: [
        partition('2026-11-21T10:53:00.000Z', { state: 'sealing' }),
        partition(BUCKET),
        partition('2026-11-21T10:51:00.000Z', { skewed: 7 }),
      ],
    }),
    ...routes,
  });
  renderInTestApp(
    <>
      {element}
      <Address />
    </>,
    {
      apis: [
        [deliveryApiRef, new DeliveryClient({ fetchApi })],
        permissionsWithout([]),
      ],
      initialRouteEntries: [at],
    },
  );
  return { requests };
}

const address = () => screen.getByLabelText('address', { selector: 'output' });

describe('RepairDialog', () => {
  it('leads by keyboard from the choice over the preview to the result, and the address keeps where it is', async () => {
    let operation = revision({
      state: 'previewing',
      changes: [change({ after: undefined })],
      progress: { step: 'sealing', done: 0, total: 1 },
    });
    const asked: unknown[] = [];
    const approved: unknown[] = [];
    render(
      {
        [`POST ${BASE}/revisions`]: ({ body }) => {
          asked.push(body);
          return operation;
        },
        [`GET ${BASE}/revisions/o1`]: () => operation,
        [`POST ${BASE}/revisions/o1/approve`]: ({ body }) => {
          approved.push(body);
          operation = revision({ state: 'running', reason: 'r' });
          return operation;
        },
      },
      '/',
      <RevisePartition eventType={NAME} bucketStart={BUCKET} revision={1} />,
    );
    const repair = await screen.findByRole('button', { name: /^Repair this/ });
    repair.focus();
    await userEvent.keyboard('{Enter}');
    const dialog = within(await screen.findByRole('dialog'));
    const preview = dialog.getByRole('button', { name: 'Preview' });
    expect(preview).toBeDisabled();
    // The kind by arrow keys, the partition is chosen already.
    dialog.getByRole('radio', { name: /^Redeliver/ }).focus();
    await userEvent.keyboard(' ');
    const chosen = await dialog.findByRole('checkbox', { name: /10:52–10:53/ });
    expect(chosen).toBeChecked();
    expect(dialog.getAllByRole('checkbox')).toHaveLength(2);
    expect(address()).toHaveTextContent('kind=redeliver');
    preview.focus();
    await userEvent.keyboard('{Enter}');
    expect(asked).toEqual([{ kind: 'redeliver', buckets: [BUCKET] }]);
    expect(
      await dialog.findByText(/is being previewed: sealing, 0 of 1/),
    ).toBeInTheDocument();
    expect(
      dialog.getByRole('progressbar', { name: /Progress of the redelivery/ }),
    ).toBeInTheDocument();
    expect(address()).toHaveTextContent('operation=o1');

    operation = RESEAL;
    expect(
      await dialog.findByText(
        /in sum delivered \+5, refused −5/,
        {},
        { timeout: 5_000 },
      ),
    ).toBeInTheDocument();
    const start = dialog.getByRole('button', {
      name: 'Re-seal 2 partitions',
    });
    start.focus();
    await userEvent.keyboard('{Enter}');
    expect(
      await dialog.findByText('Say why, in at least 10 characters.'),
    ).toBeVisible();
    expect(approved).toEqual([]);
    dialog.getByLabelText(/^Reason/).focus();
    await userEvent.keyboard('The schema was mended');
    start.focus();
    await userEvent.keyboard('{Enter}');
    expect(
      await dialog.findByText(/is running; readers see the old revisions/),
    ).toBeInTheDocument();
    expect(approved).toEqual([{ reason: 'The schema was mended' }]);
    operation = revision({
      state: 'done',
      reason: 'The schema was mended',
      approvedBy: 'user:default/platform',
      finishedAt: '2026-11-21T10:56:00.000Z',
    });
    expect(
      await dialog.findByText(
        /1 partition has a new revision/,
        {},
        { timeout: 5_000 },
      ),
    ).toBeInTheDocument();
    expect(dialog.getByText('The schema was mended')).toBeInTheDocument();
    expect(dialog.queryByRole('button', { name: /Cancel/ })).toBeNull();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(address()).not.toHaveTextContent('operation');
  });

  it('shows the same to whoever opens the address, with differences marked and in sum', async () => {
    render(
      { [`GET ${BASE}/revisions/o1`]: () => RESEAL },
      `/?repair=${NAME}&operation=o1`,
    );
    const table = within(
      await screen.findByRole('table', { name: 'Counts before and after' }),
    );
    expect(
      table.getByRole('row', { name: /10:52–10:53 UTC 1 → 2/ }),
    ).toHaveTextContent('version 1 → 21,2041,200 → 1,205 +536 → 1 −5');
    expect(table.getByRole('row', { name: /^in sum/ })).toHaveTextContent(
      'in sum2,4082,400 → 2,405 +567 → 2 −5',
    );
  });

  it('warns when accepted events appear or vanish', async () => {
    const { before } = change();
    render(
      {
        [`GET ${BASE}/revisions/o1`]: () =>
          revision({
            changes: [change({ after: { ...before, accepted: 1203 } })],
          }),
      },
      `/?repair=${NAME}&operation=o1`,
    );
    expect(
      await screen.findByText(/do not hold the same number of accepted/),
    ).toBeInTheDocument();
  });

  it('keeps what was chosen when it is refused, and says why', async () => {
    render(
      {
        [`POST ${BASE}/revisions`]: () =>
          failure(409, 'Its staged files are not kept any more'),
      },
      `/?repair=${NAME}&kind=reshuffle&buckets=${BUCKET}`,
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Preview' }),
    );
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /preview was not begun.*not kept any more/,
    );
    expect(screen.getByRole('radio', { name: /^Reshuffle/ })).toBeChecked();
    expect(screen.getByRole('checkbox', { name: /10:52–10:53/ })).toBeChecked();
  });

  it('chooses an event type first when none is given', async () => {
    render({}, '/?repair=');
    await userEvent.click(
      await screen.findByRole('button', { name: /Event type/ }),
    );
    await userEvent.click(await screen.findByRole('option', { name: NAME }));
    expect(
      await screen.findByRole('checkbox', { name: /10:51–10:52/ }),
    ).not.toBeChecked();
    expect(address()).toHaveTextContent(`repair=${NAME}`);
  });

  it('cancels, and says that nothing has changed', async () => {
    let operation = revision();
    render(
      {
        [`GET ${BASE}/revisions/o1`]: () => operation,
        [`POST ${BASE}/revisions/o1/cancel`]: () => {
          operation = revision({ state: 'cancelled' });
          return operation;
        },
      },
      `/?repair=${NAME}&operation=o1`,
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Discard the preview' }),
    );
    expect(
      await screen.findByText(/was cancelled; nothing has changed/),
    ).toBeInTheDocument();
  });

  it('says that there is no such repair', async () => {
    render({}, `/?repair=${NAME}&operation=none`);
    expect(
      await screen.findByText('There is no such repair'),
    ).toBeInTheDocument();
  });
});
