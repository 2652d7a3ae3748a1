import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes, useLocation } from 'react-router-dom';
import { EventTypesClient, eventTypesApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { RegisterPage } from './RegisterPage';

// The page is large, and a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });

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
      if (path === '/declaration-options') {
        return Response.json({
          semanticTypes: [
            { id: 'none', title: 'Nothing about a person' },
            { id: 'email', title: 'E-mail address' },
          ],
        });
      }
      const body: unknown = JSON.parse(String(init?.body));
      sent.push({ path, body });
      return path === '/event-types'
        ? register(body)
        : Response.json({
            schema: {
              type: 'record',
              name: 'pushed',
              fields: [{ name: 'recipient', type: 'string' }],
            },
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

  it('asks what fields hold that may be about a person, and registers what was decided', async () => {
    const undecided = (...pointers: string[]) =>
      Response.json(
        {
          error: {
            name: 'InputError',
            message: 'Invalid declaration',
            problems: pointers.map(pointer => ({
              code: 'undecided_personal_field',
              pointer,
              message: 'Probably an e-mail address: its name says so.',
            })),
          },
          response: { statusCode: 400 },
        },
        { status: 400 },
      );
    const answers = [undecided('/fields/0'), undecided('/schema/fields/0')];
    const api = backend(
      body =>
        answers.shift() ??
        Response.json({ ...(body as object), version: 1 }, { status: 201 }),
    );
    await renderPage(api);
    await userEvent.type(field(/^Name Required|^Name$/), 'newsletter.sent');
    await userEvent.type(field('Name of field 1'), 'recipient');
    await submit();

    await userEvent.click(
      await screen.findByRole('button', { name: /recipient/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'E-mail address' }),
    );
    expect(
      screen.queryByRole('alert', { name: /Not registered/ }),
    ).not.toBeInTheDocument();

    // Another source asks anew: what was decided was said of another field.
    await userEvent.click(
      screen.getByRole('radio', { name: 'Paste sample events' }),
    );
    await userEvent.click(field('Sample events'));
    await userEvent.paste('{"recipient": "a"}');
    expect(
      screen.queryByText('Say what these fields hold'),
    ).not.toBeInTheDocument();
    await submit();
    await userEvent.click(
      await screen.findByRole('button', { name: /schema\/fields\/0/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'Nothing about a person' }),
    );
    await submit();

    const registered = () =>
      api.sent.filter(({ path }) => path === '/event-types');
    await waitFor(() => expect(registered()).toHaveLength(3));
    expect(registered()[2].body).toMatchObject({
      schema: { fields: [{ name: 'recipient', semanticType: 'none' }] },
    });
  }, 60_000);

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
      schema: {
        type: 'record',
        name: 'pushed',
        fields: [{ name: 'recipient', type: 'string' }],
      },
    });
  }, 30_000);
});
