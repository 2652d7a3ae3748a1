import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import type {
  ContractReport,
  ContractServiceLevel,
} from '@millrace/plugin-event-types-common';
import { configure, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { ContractsClient, contractsApiRef } from '../../api';
import { ContractContent } from './ContractContent';
import { describePromises, statusOf } from './describe';

// Checks come after a pause in typing, and machines are slow.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);

const level = (
  property: string,
  status: ContractServiceLevel['status'],
  why = 'Because',
): ContractServiceLevel => ({
  pointer: `/slaProperties/${property}`,
  property,
  value: 1,
  unit: 'h',
  status,
  why,
});

const generated: ContractReport = {
  source: 'generated',
  findings: [],
  serviceLevels: [level('frequency', 'measured'), level('latency', 'measured')],
};

const imported: ContractReport = {
  source: 'imported',
  importedAt: '2026-11-21T09:00:00.000Z',
  importedBy: 'user:default/owner',
  findings: [
    {
      code: 'owner_differs',
      severity: 'warning',
      pointer: '/team',
      message: 'The owner is group:default/webhooks',
    },
  ],
  serviceLevels: [
    level('retention', 'declared only', 'Millrace does not measure it'),
    level('frequency', 'measured'),
    level('latency', 'differs', 'The objective of tier low is 4 h'),
  ],
};

function backend(first: ContractReport) {
  const sent: { call: string; body: unknown }[] = [];
  let report = first;
  const fetchApi = mockApis.fetch({
    baseImplementation: async (input, init) => {
      const path = String(input)
        .replace('plugin://event-types', '')
        .replace('others-push', 'push');
      const call = `${init?.method ?? 'GET'} ${path}`;
      if (init?.method) {
        sent.push({ call, body: init.body });
      }
      const text = String(init?.body);
      switch (call) {
        case 'GET /event-types/push/contract/report':
          return Response.json(report);
        case 'POST /event-types/push/contract/check':
          return Response.json(
            text.includes('gone')
              ? {
                  isKept: false,
                  serviceLevels: [],
                  findings: [
                    {
                      code: 'field_unknown',
                      severity: 'error',
                      pointer: '/schema/0/properties/0',
                      line: 1,
                      message: 'There is no field gone',
                    },
                  ],
                }
              : { isKept: true, ...imported },
          );
        case 'PUT /event-types/push/contract':
          report = imported;
          return Response.json({ isKept: true, ...imported });
        case 'DELETE /event-types/push/contract':
          report = generated;
          return new Response(null, { status: 204 });
        case 'GET /event-types/push/contract?source=generated':
          return new Response('id: made by Millrace\n');
        default:
          return new Response('id: <b>ours</b>\n');
      }
    },
  });
  return { fetchApi, sent };
}

async function renderTab(
  api: { fetchApi: ReturnType<typeof backend>['fetchApi'] },
  mayChange: boolean = true,
) {
  const entity: Entity = {
    apiVersion: 'millrace.io/v1alpha1',
    kind: 'EventType',
    metadata: {
      // Decisions are cached by resource, beyond the end of a test.
      name: mayChange ? 'push' : 'others-push',
      namespace: 'default',
    },
  };
  renderInTestApp(
    <EntityProvider entity={entity}>
      <ContractContent />
    </EntityProvider>,
    {
      apis: [
        [contractsApiRef, new ContractsClient({ fetchApi: api.fetchApi })],
        mockApis.permission.mock({
          authorize: request =>
            mayChange
              ? mockApis.permission().authorize(request)
              : new Promise<never>(() => {}),
        }),
      ],
    },
  );
}

describe('ContractContent', () => {
  it('lets nobody import who may not change the event type', async () => {
    await renderTab(backend(imported), false);
    expect(
      await screen.findByText(/Members of its owner and the platform team/),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: /Import|Forget/ }),
    ).not.toBeInTheDocument();
  });

  it('says what is promised and that it is measured, and gives the contract out as text', async () => {
    await renderTab(backend(generated));
    expect(
      await screen.findByRole('heading', {
        name: '2 promises, and Millrace measures all of them',
      }),
    ).toBeInTheDocument();
    expect(screen.getByText(/Nobody has imported one/)).toBeInTheDocument();
    const box = screen.getByRole('region', { name: 'The contract as YAML' });
    expect(box).toHaveTextContent('id: <b>ours</b>');
    expect(box.querySelector('b')).toBeNull();
    expect(
      screen.getByRole('button', { name: 'Download push.odcs.yaml' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: /Forget/ }),
    ).not.toBeInTheDocument();
  });

  it('shows what needs a look first, and why', async () => {
    await renderTab(backend(imported));
    expect(
      await screen.findByRole('heading', {
        name: '3 promises: 1 measured, 1 measured against another objective, 1 declared only',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/Imported on 2026-11-21 09:00:00 UTC by user:default/),
    ).toBeInTheDocument();
    const levels = screen.getByRole('table', { name: 'Service levels' });
    expect(
      within(levels)
        .getAllByRole('rowheader')
        .map(({ textContent }) => textContent),
    ).toEqual(['latency', 'frequency', 'retention']);
    expect(levels).toHaveTextContent('The objective of tier low is 4 h');
    expect(
      screen.getByRole('table', { name: /otherwise: 1 warning/ }),
    ).toHaveTextContent('The owner is group:default/webhooks');
  });

  it('reports on a contract before it keeps it', async () => {
    const api = backend(generated);
    await renderTab(api);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Import a contract' }),
    );
    const editor = screen.getByRole('textbox', { name: /Contract/ });
    await userEvent.click(editor);
    await userEvent.paste('gone: true');
    expect(
      await screen.findByText('It cannot be kept: 1 error'),
    ).toBeInTheDocument();
    const keep = screen.getByRole('button', { name: 'Keep this contract' });
    expect(keep).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: 'Go to line 1' }));
    expect(editor).toHaveFocus();

    await userEvent.clear(editor);
    await userEvent.paste('id: ours');
    expect(await screen.findByText(/It would be kept/)).toHaveTextContent(
      '3 promises: 1 measured',
    );
    expect(api.sent.some(({ call }) => call.startsWith('PUT'))).toBe(false);
    await userEvent.click(keep);
    expect(
      await screen.findByText('The contract is kept.'),
    ).toBeInTheDocument();
    expect(
      await screen.findByText(/Imported on 2026-11-21/),
    ).toBeInTheDocument();
    expect(api.sent).toContainEqual({
      call: 'PUT /event-types/push/contract',
      body: 'id: ours',
    });
  });

  it('shows what comes instead before an imported contract is forgotten', async () => {
    const api = backend(imported);
    await renderTab(api);
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Forget the imported contract',
      }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('It cannot be brought back from here');
    expect(
      await within(dialog).findByRole('region', {
        name: 'The generated contract as YAML',
      }),
    ).toHaveTextContent('made by Millrace');
    expect(api.sent).toEqual([]);
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Forget the contract' }),
    );
    expect(
      await screen.findByText('The imported contract is forgotten.'),
    ).toBeInTheDocument();
    expect(api.sent.map(({ call }) => call)).toEqual([
      'DELETE /event-types/push/contract',
    ]);
  });

  it.each([
    [403, 'NotAllowedError', 'You may not see the contract'],
    [500, 'Error', 'The contract could not be loaded.'],
  ])('explains an answer of %s', async (status, name, words) => {
    const fetchApi = mockApis.fetch({
      baseImplementation: async () =>
        Response.json(
          {
            error: { name, message: 'No' },
            response: { statusCode: status },
          },
          { status },
        ),
    });
    await renderTab({ fetchApi });
    expect(await screen.findByText(words)).toBeInTheDocument();
  });
});

describe('what a contract promises', () => {
  it('is counted, and never said to be measured when it is not', () => {
    const declared = level('a', 'declared only');
    const measured = level('b', 'measured');
    expect(
      [[], [measured], [declared], [measured, declared]].map(describePromises),
    ).toEqual([
      'No service level is promised',
      '1 promise, and Millrace measures it',
      '1 promise: 0 measured, 1 declared only',
      '2 promises: 1 measured, 1 declared only',
    ]);
    expect(statusOf({ ...generated, serviceLevels: [] })).toBeUndefined();
    expect(statusOf({ ...generated, serviceLevels: [declared] })).toBe(
      undefined,
    );
    expect(statusOf(generated)).toBe('good');
    expect(statusOf(imported)).toBe('attention');
  });
});
