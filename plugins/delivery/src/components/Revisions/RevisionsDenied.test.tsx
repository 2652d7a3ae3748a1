import { renderInTestApp } from '@backstage/frontend-test-utils';
import { configure, screen } from '@testing-library/react';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { backends } from '../../__testUtils__/estate';
import { revision } from '../../__testUtils__/operations';
import { permissionsWithout } from '../../__testUtils__/permissions';
import { RevisePartition } from './RevisePartition';

// These pages are large, and a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });

jest.setTimeout(60_000);

const NAME = 'repository.pushed';

function renderAt(at: string) {
  const { fetchApi } = backends({
    [`GET /delivery/event-types/${NAME}/revisions/o1`]: () => revision(),
  });
  renderInTestApp(
    <RevisePartition
      eventType={NAME}
      bucketStart="2026-11-21T10:52:00.000Z"
      revision={1}
    />,
    {
      apis: [
        [deliveryApiRef, new DeliveryClient({ fetchApi })],
        permissionsWithout(['delivery.partition.revise']),
      ],
      initialRouteEntries: [at],
    },
  );
}

describe('RevisePartition for who may not', () => {
  it('lets them follow an operation, without deciding', async () => {
    renderAt(`/?repair=${NAME}&operation=o1`);
    expect(
      await screen.findByText(/Deciding is for the platform team/),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('table', { name: 'Counts before and after' }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /Redeliver/ })).toBeNull();
    expect(screen.queryByRole('button', { name: /Repair this/ })).toBeNull();
  });

  it('tells them whom to ask instead of a form', async () => {
    renderAt(`/?repair=${NAME}`);
    expect(
      await screen.findByText('You may not make partitions again'),
    ).toBeInTheDocument();
  });
});
