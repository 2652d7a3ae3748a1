import { configure, screen } from '@testing-library/react';
import { operations } from '../../__testUtils__/operations';
import {
  BUCKET,
  WAITING,
  WAITS,
  renderPage,
} from './__testUtils__/operationsPage';

// These pages are large, and a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);

describe('OperationsPage for who may not act', () => {
  it('shows everything but the actions to who may only look, and says why', async () => {
    renderPage(
      {
        'GET /delivery/operations': () =>
          operations({
            attention: { items: [WAITS], total: 1 },
            waiting: WAITING,
            poison: { items: [], total: 0, scope: 'none' },
          }),
      },
      {
        denied: ['delivery.bucket.force-close', 'delivery.partition.revise'],
        // Nor does an address open what may not be done.
        at: `/delivery/operations?close=repository.pushed&bucket=${BUCKET}`,
      },
    );
    expect(
      await screen.findByText(/^1 bucket is over.*for the platform team/),
    ).toBeVisible();
    expect(
      screen.getByText('Making partitions again is for the platform team.', {
        exact: false,
      }),
    ).toBeVisible();
    expect(
      screen.getByText(/are told to the owners of their event types/),
    ).toBeVisible();
    expect(screen.queryByRole('button', { name: /Force close/ })).toBeNull();
    expect(screen.queryByRole('button', { name: /Repair/ })).toBeNull();
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});
