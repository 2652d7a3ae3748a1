import { renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import type { Condition } from '@millrace/plugin-delivery-common';
import { screen, waitFor } from '@testing-library/react';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { backends, row, status } from '../../__testUtils__/estate';
import { ConditionsCard } from './ConditionsCard';

jest.setTimeout(30_000);

const NAME = 'repository.pushed';
const AT = '2026-11-21T10:00:00.000Z';
const reached = (type: Condition['type']): Condition => ({
  type,
  reached: true,
  at: AT,
  message: '',
});
const WAITING: Condition[] = [
  reached('Declared'),
  reached('Provisioned'),
  reached('Receiving'),
  {
    type: 'Delivering',
    reached: false,
    message: '1 event waits for sealing. Nothing to do.',
    expected: {
      from: '2026-11-21T11:00:00.000Z',
      by: '2026-11-21T11:30:00.000Z',
    },
  },
];

function renderCard(conditions: () => Condition[]) {
  const { fetchApi } = backends({
    'GET /delivery/status': () => status(),
    [`GET /delivery/event-types/${NAME}`]: () =>
      row(NAME, { conditions: conditions() }),
  });
  renderInTestApp(
    <EntityProvider
      entity={{
        apiVersion: 'millrace.io/v1alpha1',
        kind: 'EventType',
        metadata: { name: NAME, namespace: 'default' },
        spec: {},
      }}
    >
      <ConditionsCard />
    </EntityProvider>,
    {
      apis: [[deliveryApiRef, new DeliveryClient({ fetchApi })]],
      mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    },
  );
}

describe('ConditionsCard', () => {
  it('watches the steps until the first partition is sealed, then folds them into a line', async () => {
    let conditions = WAITING;
    renderCard(() => conditions);
    const next = await screen.findByText('First partition sealed');
    expect(next.closest('[aria-current="step"]')).toHaveTextContent(
      /Expected from 11:00:00 UTC, on time until 11:30:00 UTC/,
    );
    expect(screen.getByText('First event accepted')).toBeVisible();
    expect(screen.getAllByText('2026-11-21 10:00:00 UTC')).toHaveLength(3);

    conditions = WAITING.map(({ type }) => reached(type));
    const line = await waitFor(
      () =>
        screen.getByText(
          /The first partition was sealed on 2026-11-21 10:00:00 UTC/,
        ),
      { timeout: 10_000 },
    );
    expect(line.closest('details')).not.toHaveAttribute('open');
  });

  it('stays open, and says what was done, when something was put back lately', async () => {
    const message = 'The subscription had been deleted and was created again.';
    renderCard(() =>
      WAITING.map(({ type }) => ({
        ...reached(type),
        ...(type === 'Provisioned' && {
          repaired: { at: '2026-11-21T12:30:00.000Z', message },
        }),
      })),
    );
    const step = (await screen.findByText('Provisioned')).closest('li');
    expect(step).toHaveTextContent(
      `Repaired on 2026-11-21 12:30:00 UTC: ${message}`,
    );
    expect(screen.getByText('First event accepted')).toBeVisible();
  });
});
