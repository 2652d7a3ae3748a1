import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes, useLocation } from 'react-router-dom';
import { EventTypesClient, eventTypesApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { RegisterPage } from './RegisterPage';

const GROUPS: Entity[] = ['webhooks', 'platform-team'].map(name => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name, namespace: 'default' },
  spec: { type: 'team', children: [] },
}));

interface Sent {
  path: string;
  body: unknown;
}

/** The event types backend at its network edge. */
function backend(register: (body: unknown) => Response) {
  const sent: Sent[] = [];
  const fetchApi = mockApis.fetch({
    baseImplementation: async (input, init) => {
      const path = String(input).replace('plugin://event-types', '');
      const body: unknown = JSON.parse(String(init?.body));
      sent.push({ path, body });
      return path === '/event-types'
        ? register(body)
        : Response.json({
            schema: { type: 'record', name: 'pushed', fields: [] },
            fields: [
              { path: 'id', type: 'long', required: true },
              { path: 'repository.name', type: 'string', required: false },
            ],
            problems: [],
          });
    },
  });
  return { fetchApi, sent };
}

function Here() {
  return <p>at {useLocation().pathname}</p>;
}

async function renderPage(
  api: ReturnType<typeof backend>,
  catalogApi = catalogApiMock({ entities: GROUPS }),
) {
  renderInTestApp(
    <Routes>
      <Route path="/" element={<RegisterPage />} />
      <Route path="*" element={<Here />} />
    </Routes>,
    {
      apis: [
        [eventTypesApiRef, new EventTypesClient(api)],
        catalogApi,
        mockApis.permission(),
        mockApis.identity({
          userEntityRef: 'user:default/owner',
          ownershipEntityRefs: ['user:default/owner', 'group:default/webhooks'],
        }),
      ],
      mountedRoutes: {
        '/event-types': rootRouteRef,
        '/catalog/:namespace/:kind/:name': entityRouteRef,
      },
    },
  );
  // The form is ready once it knows the groups of the user.
  await screen.findByRole('button', { name: /webhooks/ });
}

const field = (name: string | RegExp) => screen.getByRole('textbox', { name });
const submit = () =>
  userEvent.click(screen.getByRole('button', { name: 'Register' }));

describe('RegisterPage', () => {
  it('registers a list of fields for the own group, waits for the catalog and leads to the entity', async () => {
    const api = backend(body =>
      Response.json({ ...(body as object), version: 1 }, { status: 201 }),
    );
    const getEntitiesByRefs = jest
      .fn()
      .mockResolvedValue({ items: [undefined] });
    const catalogApi = catalogApiMock.mock({
      getEntities: async () => ({ items: GROUPS }),
      getEntitiesByRefs,
    });
    await renderPage(api, catalogApi);

    await userEvent.type(field(/^Name Required|^Name$/), 'repository.pushed');
    await userEvent.type(field('Name of field 1'), 'id');
    await userEvent.click(screen.getByRole('button', { name: 'Add a field' }));
    // The new row has the focus: one can go on typing.
    expect(field('Name of field 2')).toHaveFocus();
    await userEvent.keyboard('ref');
    await userEvent.click(
      screen.getByRole('checkbox', { name: 'Require field 2' }),
    );
    await submit();

    expect(
      await screen.findByText('Registered. Waiting for the catalog…'),
    ).toBeInTheDocument();
    expect(api.sent.find(({ path }) => path === '/event-types')?.body).toEqual({
      name: 'repository.pushed',
      owner: 'group:default/webhooks',
      tier: 'normal',
      fields: [
        { name: 'id', type: 'string', required: true },
        { name: 'ref', type: 'string', required: false },
      ],
    });

    getEntitiesByRefs.mockResolvedValue({ items: [{ kind: 'EventType' }] });
    expect(
      await screen.findByText(
        'at /catalog/default/eventtype/repository.pushed',
        {},
        { timeout: 5000 },
      ),
    ).toBeInTheDocument();
  }, 30_000);

  it('shows what the backend finds wrong at the fields it is about, until they change', async () => {
    const problems = [
      {
        code: 'name_taken',
        pointer: '/name',
        message: 'The name repository.pushed is taken',
      },
      {
        code: 'invalid_name',
        pointer: '/fields/0/name',
        message: 'A field name begins with a letter',
      },
    ];
    const api = backend(() =>
      Response.json(
        {
          error: { name: 'ConflictError', message: 'No', problems },
          response: { statusCode: 409 },
        },
        { status: 409 },
      ),
    );
    await renderPage(api);
    await userEvent.type(field(/^Name Required|^Name$/), 'repository.pushed');
    await userEvent.type(field('Name of field 1'), '1id');
    await submit();

    const summary = await screen.findByRole('alert');
    expect(summary).toHaveFocus();
    expect(within(summary).getAllByRole('listitem')).toHaveLength(2);
    expect(field(/^Name Required|^Name$/)).toBeInvalid();
    expect(field('Name of field 1')).toBeInvalid();
    expect(field('Name of field 1')).toHaveAccessibleDescription(
      'A field name begins with a letter',
    );

    await userEvent.type(field('Name of field 1'), '{Backspace}d');
    await waitFor(() => expect(field('Name of field 1')).toBeValid());
    expect(field(/^Name Required|^Name$/)).toBeInvalid();
  }, 30_000);

  it('tells while typing what is wrong with a name, and asks nothing of the backend with a bad one', async () => {
    const api = backend(() => Response.json({}, { status: 201 }));
    await renderPage(api);
    await userEvent.type(field(/^Name Required|^Name$/), 'Repository');
    expect(
      await screen.findByText('Lower case only, such as repository.'),
    ).toBeInTheDocument();
    await submit();
    expect(await screen.findByRole('alert')).toBeInTheDocument();
    expect(api.sent.map(({ path }) => path)).not.toContain('/event-types');
  }, 30_000);

  it('infers the schema from pasted events and registers what was previewed', async () => {
    const api = backend(body =>
      Response.json({ ...(body as object), version: 1 }, { status: 201 }),
    );
    await renderPage(api);
    await userEvent.type(field(/^Name Required|^Name$/), 'repository.pushed');
    await userEvent.click(
      screen.getByRole('radio', { name: 'Paste sample events' }),
    );
    await userEvent.click(field('Sample events'));
    await userEvent.paste('{"id": 1}\n{"id": 2,');
    expect(
      await screen.findByText(/line 2 by itself is JSON/),
    ).toBeInTheDocument();

    await userEvent.clear(field('Sample events'));
    await userEvent.click(field('Sample events'));
    await userEvent.paste('{"id": 1}\n{"id": 2}');
    expect(
      await screen.findByRole('row', {
        name: /repository.name string optional/,
      }),
    ).toBeInTheDocument();
    await submit();
    await screen.findByText('Registered. Waiting for the catalog…');

    expect(api.sent).toContainEqual({
      path: '/event-types/preview',
      body: { name: 'repository.pushed', samples: [{ id: 1 }, { id: 2 }] },
    });
    expect(
      api.sent.find(({ path }) => path === '/event-types')?.body,
    ).toMatchObject({
      schema: { type: 'record', name: 'pushed', fields: [] },
    });
  }, 30_000);
});
