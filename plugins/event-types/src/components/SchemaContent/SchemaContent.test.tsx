import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  catalogApiRef,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type {
  EventTypeEvolution,
  SchemaVerdict,
  VersionDifference,
} from '@millrace/plugin-event-types-common';
import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { EventTypesClient, eventTypesApiRef } from '../../api';
import { SchemaContent } from './SchemaContent';

// Verdicts come after a pause in typing, and machines are slow.
configure({ asyncUtilTimeout: 10_000 });

const entity: Entity = {
  apiVersion: 'millrace.io/v1alpha1',
  kind: 'EventType',
  metadata: {
    name: 'push',
    namespace: 'default',
    annotations: { 'millrace.io/origin': 'portal' },
  },
};

const schema = (...names: string[]) => ({
  type: 'record',
  name: 'Push',
  fields: names.map(name => ({ name, type: 'string' })),
});
const version = (number: number, ...names: string[]) => ({
  version: number,
  schema: schema(...names),
  fields: names.map(path => ({ path, type: 'string', required: true })),
  createdAt: '2026-11-20T10:00:00.000Z',
  createdBy: 'user:default/owner',
});
const difference = (change: Partial<VersionDifference>): VersionDifference => ({
  code: 'field_removed',
  pointer: '/data/ref',
  path: 'ref',
  old: 'required string',
  breaks: [],
  message: 'Field ref was removed',
  version: 2,
  isBreaking: false,
  ...change,
});

const evolution: EventTypeEvolution = {
  mode: 'backward-transitive',
  modes: [
    { mode: 'backward-transitive', isLoosening: false },
    { mode: 'full-transitive', isLoosening: false },
    { mode: 'none', isLoosening: true },
  ],
  readers: { isKnown: false },
};

/** The verdict of a backend that only looks for the field `ref`. */
function judge(body: unknown): SchemaVerdict {
  const text = JSON.stringify(body);
  const base = {
    mode: 'backward-transitive' as const,
    problems: [],
    privacy: [],
    modes: [{ mode: 'none' as const, isCompatible: true }],
    readers: { isKnown: false as const },
    fields: [],
    schema: schema('id'),
  };
  if (text.includes('email')) {
    const next = Reflect.get(Object(body), 'schema');
    const isDecided = text.includes('semanticType');
    return {
      ...base,
      ...(isDecided
        ? { outcome: 'new-version', version: 3 }
        : {
            outcome: 'refused',
            problems: [
              {
                code: 'undecided_personal_field',
                pointer: '/schema/fields/2',
                message: 'Field email is undecided',
              },
            ],
            privacy: [
              {
                pointer: '/fields/2',
                path: 'email',
                semanticType: 'email',
                confidence: 'certain',
                reason: 'its name',
              },
            ],
          }),
      differences: [difference({ code: 'field_added', path: 'email' })],
      schema: next,
    };
  }
  return text.includes('ref')
    ? {
        ...base,
        outcome: 'new-version',
        version: 3,
        differences: [
          difference({ code: 'field_added', message: 'Field note was added' }),
        ],
      }
    : {
        ...base,
        outcome: 'refused',
        differences: [
          difference({
            isBreaking: true,
            reason: 'Producers would be refused',
            advice: 'Keep it',
          }),
        ],
      };
}

/** The event types backend at its network edge. */
function backend(answers: { [call: string]: unknown } = {}) {
  const sent: { call: string; body: unknown }[] = [];
  const fetchApi = mockApis.fetch({
    baseImplementation: async (input, init) => {
      const path = String(input)
        .replace('plugin://event-types', '')
        .replace('others-push', 'push');
      const call = `${init?.method ?? 'GET'} ${path}`;
      const body: unknown = init?.body && JSON.parse(String(init.body));
      if (init?.method && init.method !== 'GET') {
        sent.push({ call, body });
      }
      const known: { [call: string]: unknown } = {
        'GET /event-types/push/versions': [
          {
            ...version(2, 'id', 'ref'),
            step: { isBackward: true, isForward: true, differences: 1 },
          },
          version(1, 'id'),
        ],
        'GET /event-types/push/evolution': evolution,
        ...answers,
      };
      if (call === 'POST /event-types/push/verdict') {
        return Response.json(judge(body));
      }
      const answer = known[call] ?? {};
      return Response.json(Array.isArray(answer) ? { items: answer } : answer);
    },
  });
  return { fetchApi, sent };
}

async function renderTab(
  api: ReturnType<typeof backend>,
  allowed: (permission: string) => boolean = () => true,
  // Decisions are cached by resource, beyond the end of a test.
  name: string = 'push',
) {
  renderInTestApp(
    <EntityProvider
      entity={{ ...entity, metadata: { ...entity.metadata, name } }}
    >
      <SchemaContent />
    </EntityProvider>,
    {
      apis: [
        [eventTypesApiRef, new EventTypesClient({ fetchApi: api.fetchApi })],
        [catalogApiRef, catalogApiMock()],
        // What is not allowed is never decided: a button is not shown until then.
        mockApis.permission.mock({
          authorize: request =>
            allowed(request.permission.name)
              ? mockApis.permission().authorize(request)
              : new Promise<never>(() => {}),
        }),
      ],
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
      },
    },
  );
  await screen.findByText(/Version 2, the newest/);
}

describe('SchemaContent', () => {
  it('says what the schema is, who may change it how, and how each version follows', async () => {
    await renderTab(backend(), () => false, 'others-push');
    expect(
      await screen.findByText('Compatibility: Backward, to every version'),
    ).toBeInTheDocument();
    const row = screen.getByRole('row', { name: /2026-11-20.*safe for/ });
    expect(within(row).getByText('user:default/owner')).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Change the schema' }),
    ).not.toBeInTheDocument();
  }, 60_000);

  it('judges a change while it is typed, and publishes what it says', async () => {
    const api = backend();
    await renderTab(api);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Change the schema' }),
    );
    expect(
      screen.getByRole('heading', { name: 'Change the schema of push' })
        .parentElement,
    ).toHaveFocus();
    await screen.findByRole('button', { name: 'Publish version 3' });
    const editor = screen.getByRole('textbox', { name: /Avro record/ });
    await userEvent.clear(editor);
    await userEvent.click(editor);
    await userEvent.paste(JSON.stringify(schema('id')));

    expect(
      await screen.findByText(/1 of 1 difference would break/),
    ).toBeInTheDocument();
    const table = screen.getByRole('row', { name: /^ref / });
    expect(table).toHaveTextContent('Producers would be refused. Keep it.');
    expect(screen.getByRole('button', { name: 'Publish' })).toBeDisabled();
    expect(
      screen.getByRole('button', { name: 'Ask for a new major version' }),
    ).toBeEnabled();

    await userEvent.clear(editor);
    await userEvent.click(editor);
    await userEvent.paste(JSON.stringify(schema('id', 'ref', 'note')));
    await waitFor(() =>
      expect(
        screen.getByRole('button', { name: 'Publish version 3' }),
      ).toBeEnabled(),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Publish version 3' }),
    );
    const answer = await screen.findByText(/Version 2, the newest/);
    expect(answer.parentElement).toHaveFocus();
    expect(api.sent).toContainEqual({
      call: 'POST /event-types/push/versions',
      body: { schema: schema('id') },
    });
  }, 60_000);

  it('asks what a new field holds about persons, and publishes what was decided', async () => {
    const api = backend({
      'GET /declaration-options': {
        tiers: [],
        semanticTypes: [
          { id: 'none', title: 'Not personal', isPersonal: false },
          { id: 'email', title: 'E-mail address', isPersonal: true },
        ],
      },
    });
    await renderTab(api);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Change the schema' }),
    );
    const editor = screen.getByRole('textbox', { name: /Avro record/ });
    await userEvent.clear(editor);
    await userEvent.click(editor);
    await userEvent.paste(JSON.stringify(schema('id', 'ref', 'email')));

    expect(
      await screen.findByText(/Decide first what a field holds about persons/),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Publish' })).toBeDisabled();
    expect(
      screen.queryByRole('button', { name: 'Ask for a new major version' }),
    ).not.toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', {
        name: 'Take it: email holds E-mail address',
      }),
    );
    const publish = await screen.findByRole('button', {
      name: 'Publish version 3',
    });
    // It stays where it is, to be changed.
    expect(
      screen.getByRole('button', { name: /What email holds/ }),
    ).toBeInTheDocument();
    await userEvent.click(publish);
    await screen.findByText(/Version 2, the newest/);
    expect(api.sent.at(-1)?.body).toMatchObject({
      schema: { fields: [{}, {}, { name: 'email', semanticType: 'email' }] },
    });
  }, 60_000);

  it('compares two versions in words, and then as Avro', async () => {
    const api = backend({
      'GET /event-types/push/versions/1/diff/2': {
        from: version(1, 'id'),
        to: version(2, 'id', 'ref'),
        isBackward: true,
        isForward: false,
        added: [
          difference({ code: 'field_added', message: 'Field ref was added' }),
        ],
        removed: [],
        changed: [],
        documentation: [],
        semanticTypes: [],
        other: [],
      },
    });
    await renderTab(api);
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Compare version 2 with the one before',
      }),
    );
    expect(
      await screen.findByText(
        /From version 1 to version 2: 1 difference, safe for producers; readers move/,
      ),
    ).toBeInTheDocument();
    expect(screen.getByRole('region', { name: 'Differences' })).toHaveFocus();
    expect(screen.getByText('Field ref was added')).toBeInTheDocument();
  }, 60_000);

  it('lets a mode that promises less be chosen only by who may', async () => {
    const api = backend();
    await renderTab(api, name => name !== 'event-types.compatibility.loosen');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Change the mode' }),
    );
    expect(await screen.findByRole('radio', { name: /^None/ })).toBeDisabled();
    await userEvent.click(
      screen.getByRole('radio', { name: /^Full, with every version/ }),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Set to Full, with every version' }),
    );
    await waitFor(() =>
      expect(api.sent).toContainEqual({
        call: 'PUT /event-types/push/compatibility',
        body: { mode: 'full-transitive' },
      }),
    );
  }, 60_000);

  it('shows a deprecation with its successor, and the next step of the move', async () => {
    const api = backend({
      'GET /event-types/push/evolution': {
        ...evolution,
        deprecation: {
          message: 'Ids are texts',
          since: '2026-11-20T10:00:00.000Z',
          by: 'user:default/owner',
          endsOn: '2027-01-31',
          successor: 'push.v2',
        },
        succeededBy: {
          predecessor: 'push',
          successor: 'push.v2',
          state: 'consumers-moved',
          reason: 'Ids are texts',
          schema: schema('id'),
          fields: [],
          steps: [
            {
              state: 'requested',
              at: '2026-11-19T10:00:00.000Z',
              by: 'user:default/owner',
            },
          ],
        },
      },
    });
    await renderTab(api);
    expect(
      await screen.findByText('Deprecated: Ids are texts'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/until 2027-01-31 at the latest/),
    ).toBeInTheDocument();
    expect(
      screen.getAllByRole('link', { name: 'Open push.v2' })[0],
    ).toHaveAttribute('href', '/catalog/default/eventtype/push.v2');

    await userEvent.click(screen.getByRole('button', { name: 'Retire' }));
    const dialog = await screen.findByRole('dialog');
    const retire = within(dialog).getByRole('button', { name: 'Retire' });
    expect(retire).toBeDisabled();
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Reason/ }),
      'Nobody sends it',
    );
    await userEvent.click(retire);
    await waitFor(() =>
      expect(api.sent).toContainEqual({
        call: 'POST /event-types/push/majors/steps',
        body: { step: 'retired', note: 'Nobody sends it' },
      }),
    );
  }, 60_000);
});
