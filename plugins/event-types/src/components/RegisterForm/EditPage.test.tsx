import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type { EventType } from '@millrace/plugin-event-types-common';
import { configure, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes, useLocation } from 'react-router-dom';
import { EventTypesClient, eventTypesApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { backend, refusal, reviewOf } from './__testUtils__/backend';
import { DENY } from './__testUtils__/deny';
import { EditPage } from './EditPage';

configure({ asyncUtilTimeout: 10_000 });

const GROUPS: Entity[] = ['webhooks', 'platform-team'].map(name => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name, namespace: 'default' },
  spec: { type: 'team', children: [] },
}));

const PUSH: EventType = {
  name: 'push',
  description: 'Somebody pushed.',
  owner: 'group:default/webhooks',
  tier: 'normal',
  tags: ['git'],
  system: 'system:default/forge',
  version: 3,
  generation: 7,
  origin: 'portal',
  schema: { type: 'record', name: 'push', fields: [] },
  fields: [],
  createdAt: '2026-11-20T10:00:00.000Z',
  createdBy: 'user:default/owner',
  updatedAt: '2026-11-20T10:00:00.000Z',
  updatedBy: 'user:default/owner',
};

function Here() {
  return <p>at {useLocation().pathname}</p>;
}

function renderPage(
  api: ReturnType<typeof backend>,
  permission = mockApis.permission(),
  name = 'push',
) {
  return renderInTestApp(
    <>
      <Routes>
        <Route path="/event-types/:name/edit" element={<EditPage />} />
        <Route path="*" element={null} />
      </Routes>
      <Here />
    </>,
    {
      initialRouteEntries: [`/event-types/${name}/edit`],
      apis: [
        [eventTypesApiRef, new EventTypesClient(api)],
        catalogApiMock({ entities: GROUPS }),
        permission,
        mockApis.identity({
          userEntityRef: 'user:default/owner',
          ownershipEntityRefs: ['group:default/webhooks'],
        }),
      ],
      mountedRoutes: {
        '/event-types': rootRouteRef,
        '/catalog/:namespace/:kind/:name': entityRouteRef,
      },
    },
  );
}

const field = (name: RegExp) => screen.getByRole('textbox', { name });
const press = (name: string | RegExp) =>
  userEvent.click(screen.getByRole('button', { name }));
const holding = (eventType: EventType) =>
  backend({
    [`GET /event-types/${eventType.name}`]: () => eventType,
    'POST /event-types/review': ({ body }) => ({
      ...reviewOf(Object(body)),
      compatibility: { againstVersion: 3, isCompatible: true },
    }),
  });

describe('EditPage', () => {
  beforeEach(() => sessionStorage.clear());

  it('shows what would change, saves it upon what was seen, and leaves the schema alone', async () => {
    const api = holding(PUSH);
    renderPage(api);
    const name = await screen.findByRole('textbox', { name: /^Name/ });
    expect(name).toHaveAttribute('readonly');
    await userEvent.clear(field(/^Tags/));
    await userEvent.click(screen.getByRole('radio', { name: /^Critical/ }));
    await press('Next: Retention and volume');
    await userEvent.type(
      await screen.findByRole('textbox', { name: /^Expected events/ }),
      '5000',
    );
    await press('Next: Review');
    const changes = await screen.findByRole('table', { name: /3 changes/ });
    expect(
      within(changes)
        .getAllByRole('row')
        .slice(1)
        .map(row => row.textContent),
    ).toEqual([
      'Tiernormalcritical',
      'TagsgitNot said',
      'Expected events per dayNot said5,000',
    ]);
    expect(
      await screen.findByText('The schema stays at version 3'),
    ).toBeInTheDocument();
    await press('Save the changes');
    expect(
      await screen.findByText('at /catalog/default/eventtype/push'),
    ).toBeInTheDocument();

    const [put] = api.calls.filter(({ call }) => call.startsWith('PUT'));
    expect(put.body).toEqual({
      name: 'push',
      description: 'Somebody pushed.',
      owner: 'group:default/webhooks',
      tier: 'critical',
      system: 'system:default/forge',
      expectedEventsPerDay: 5000,
      schema: PUSH.schema,
    });
    expect(put.headers.get('if-match')).toBe('"7"');
    expect(sessionStorage).toHaveLength(0);
  }, 60_000);

  it('puts what was filled in upon what somebody else has saved meanwhile, and through a reload', async () => {
    let inForce = PUSH;
    const api = backend({
      'GET /event-types/push': () => inForce,
      'POST /event-types/review': ({ body }) => reviewOf(Object(body)),
      'PUT /event-types/push': ({ body, headers }) =>
        headers.get('if-match') === `"${inForce.generation}"`
          ? body
          : refusal(409, [
              { code: 'changed_meanwhile', pointer: '', message: 'Changed' },
            ]),
    });
    const first = renderPage(api);
    await userEvent.type(
      await screen.findByRole('textbox', { name: /^Description/ }),
      ' To main.',
    );
    first.unmount();

    // After a reload it is there.
    renderPage(api);
    expect(
      await screen.findByDisplayValue('Somebody pushed. To main.'),
    ).toBeInTheDocument();
    inForce = {
      ...PUSH,
      generation: 8,
      tier: 'low',
      schema: { type: 'record', name: 'newer', fields: [] },
    };
    await press(/^3\. Review/);
    await screen.findByText('event.push');
    await press('Save the changes');
    expect(
      await screen.findByText('Somebody else has changed it meanwhile'),
    ).toBeInTheDocument();
    // Theirs is not among the changes: it is in force.
    expect(
      await screen.findByRole('table', { name: /1 change;/ }),
    ).toHaveTextContent('Somebody pushed. To main.');
    await screen.findByText('event.push');
    await press('Save the changes');
    await screen.findByText('at /catalog/default/eventtype/push');
    expect(api.sent('PUT /event-types/push').at(-1)).toMatchObject({
      description: 'Somebody pushed. To main.',
      tier: 'low',
      schema: { name: 'newer' },
    });
  }, 60_000);

  it('undoes all changes when asked to', async () => {
    renderPage(holding(PUSH));
    await userEvent.type(
      await screen.findByRole('textbox', { name: /^Description/ }),
      ' To main.',
    );
    expect(sessionStorage).toHaveLength(1);
    await press('Undo all changes');
    expect(
      await screen.findByDisplayValue('Somebody pushed.'),
    ).toBeInTheDocument();
    expect(sessionStorage).toHaveLength(0);
  }, 60_000);

  it('is only for reading where a repository owns it, with the way to the file', async () => {
    renderPage(
      holding({
        ...PUSH,
        origin: 'catalog',
        location: 'url:https://code.example/push.yaml',
      }),
    );
    expect(
      await screen.findByText('push is declared as code, and is changed there'),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: /Open the file/ })).toHaveAttribute(
      'href',
      'https://code.example/push.yaml',
    );
    expect(screen.queryByRole('textbox')).not.toBeInTheDocument();
  });

  it('says of an orphan that saving takes it over', async () => {
    renderPage(
      holding({
        ...PUSH,
        origin: 'catalog',
        orphanedAt: '2026-11-21T10:00:00.000Z',
      }),
    );
    expect(
      await screen.findByText('Saving takes it over into the portal'),
    ).toBeInTheDocument();
    expect(field(/^Description/)).toBeInTheDocument();
  });

  it('is denied to who may only read it', async () => {
    renderPage(
      // Decisions about the other one may be remembered.
      holding({ ...PUSH, name: 'pull' }),
      mockApis.permission({ authorize: DENY }),
      'pull',
    );
    expect(
      await screen.findByText('You may not change this event type'),
    ).toBeInTheDocument();
  });
});
