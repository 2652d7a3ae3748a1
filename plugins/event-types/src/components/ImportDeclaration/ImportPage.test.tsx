import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type { DeclarationImportReview } from '@millrace/plugin-event-types-common';
import { configure, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeclarationsClient, declarationsApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { ImportPage } from './ImportPage';

// Checks come after a pause in typing, and machines are slow.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);

const review: DeclarationImportReview = {
  name: 'shop.order_paid',
  isReady: true,
  action: 'create',
  isTakeOver: false,
  problems: [],
  hints: [],
  parts: [],
  differences: [],
  fields: [{ path: 'order_id', type: 'string', required: true }],
  version: 1,
};

async function renderPage(
  answer: Partial<DeclarationImportReview> = {},
  refusal?: { status: number; problems: object[] },
) {
  const sent: string[] = [];
  const fetchApi = mockApis.fetch({
    baseImplementation: async (input, init) => {
      const path = String(input).replace('plugin://event-types', '');
      sent.push(`${init?.method} ${path}`);
      if (path === '/declarations/check') {
        return Response.json({ ...review, ...answer });
      }
      return refusal
        ? Response.json(
            {
              error: {
                name: 'ConflictError',
                message: 'It conflicts',
                problems: refusal.problems,
              },
              response: { statusCode: refusal.status },
            },
            { status: refusal.status },
          )
        : Response.json({ name: 'shop.order_paid' }, { status: 201 });
    },
  });
  renderInTestApp(<ImportPage />, {
    apis: [
      [declarationsApiRef, new DeclarationsClient({ fetchApi })],
      [catalogApiRef, catalogApiMock({ entities: [] })],
      mockApis.permission(),
    ],
    mountedRoutes: {
      '/event-types': rootRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
  });
  const editor = await screen.findByRole('textbox', { name: /Declaration/ });
  await userEvent.click(editor);
  await userEvent.paste('kind: EventType');
  return { sent, editor };
}

describe('ImportPage', () => {
  it('shows what a declaration would register, and waits for its page', async () => {
    const { sent } = await renderPage();
    expect(
      await screen.findByText(
        'shop.order_paid would be registered, with 1 field',
      ),
    ).toBeInTheDocument();
    expect(
      within(screen.getByRole('table', { name: '1 field' })).getByText(
        'order_id',
      ),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Register shop.order_paid' }),
    );
    expect(
      await screen.findByText('shop.order_paid is registered'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Registered. Waiting for the catalog…'),
    ).toBeInTheDocument();
    expect(sent).toEqual(['POST /declarations/check', 'POST /declarations']);
  });

  it('brings an event type that is there already to it, as it was checked', async () => {
    const { sent } = await renderPage({
      action: 'update',
      generation: 5,
      parts: [{ part: 'expectedEventsPerDay', old: '1000' }],
    });
    expect(
      await screen.findByText(
        'The schema of shop.order_paid stays at version 1; expected events per day changes.',
      ),
    ).toBeInTheDocument();
    expect(
      within(screen.getByRole('row', { name: /^Expected events/ }))
        .getAllByRole('cell')
        .map(({ textContent }) => textContent),
    ).toEqual(['1,000', 'not said']);
    await userEvent.click(screen.getByRole('button', { name: 'Take in' }));
    expect(sent).toContain(
      'PUT /event-types/shop.order_paid/declaration?generation=5',
    );
  });

  it('keeps the text and says why when it is refused after all', async () => {
    const { editor } = await renderPage(
      {},
      {
        status: 409,
        problems: [
          { code: 'name_taken', pointer: '', message: 'The name is taken' },
        ],
      },
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Register shop.order_paid' }),
    );
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('Nothing was changed.');
    expect(alert).toHaveTextContent('The name is taken');
    expect(editor).toHaveValue('kind: EventType');
  });
});
