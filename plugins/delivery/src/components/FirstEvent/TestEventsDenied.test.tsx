import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { backends } from '../../__testUtils__/estate';
import { permissionsWithout } from '../../__testUtils__/permissions';
import { TestEvents } from './TestEvents';

describe('TestEvents for others than its owners', () => {
  it('says for whom they are, and asks for nothing', async () => {
    const { fetchApi, requests } = backends({});
    renderInTestApp(
      <TestEvents name="repository.pushed" entityHref="/there" example="{}" />,
      {
        apis: [
          [deliveryApiRef, new DeliveryClient({ fetchApi })],
          permissionsWithout(['delivery.test-event.send']),
        ],
      },
    );
    expect(
      await screen.findByText(/are for its owners and the platform team/),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
    expect(requests).toEqual([]);
  });
});
