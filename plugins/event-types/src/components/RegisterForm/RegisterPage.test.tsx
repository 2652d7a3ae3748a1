import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes, useLocation } from 'react-router-dom';
import { EventTypesClient, eventTypesApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { backend, refusal, reviewOf } from './__testUtils__/backend';
import { RegisterPage } from './RegisterPage';

// The page is large, and a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });

const GROUPS: Entity[] = ['webhooks', 'platform-team'].map(name => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name, namespace: 'default' },
  spec: { type: 'team', children: [] },
}));

function Here() {
  const { pathname, search } = useLocation();
  return (
    <p>
      at {pathname}
      {search}
    </p>
  );
}

async function renderPage(
  api: ReturnType<typeof backend>,
  options: {
    at?: string;
    catalogApi?: ReturnType<typeof catalogApiMock>;
    user?: string;
  } = {},
) {
  const { at = '/', user = 'user:default/owner' } = options;
  const rendered = renderInTestApp(
    <>
      <Routes>
        <Route path="/" element={<RegisterPage />} />
        <Route path="*" element={null} />
      </Routes>
      <Here />
    </>,
    {
      initialRouteEntries: [at],
      apis: [
        [eventTypesApiRef, new EventTypesClient(api)],
        options.catalogApi ?? catalogApiMock({ entities: GROUPS }),
        mockApis.permission(),
        mockApis.identity({
          userEntityRef: user,
          ownershipEntityRefs: [user, 'group:default/webhooks'],
        }),
      ],
      mountedRoutes: {
        '/event-types': rootRouteRef,
        '/catalog/:namespace/:kind/:name': entityRouteRef,
      },
    },
  );
  await screen.findByRole('navigation', { name: 'Steps' });
  return rendered;
}

const field = (name: string | RegExp) => screen.getByRole('textbox', { name });
const NAME = /^Name/;
const press = (name: string | RegExp) =>
  userEvent.click(screen.getByRole('button', { name }));
const atStep = (name: string) =>
  screen.findByRole('heading', { name, level: 2 });
const step = (name: RegExp) => press(new RegExp(`^\\d\\. ${name.source}`));

async function fillInWhat(name = 'repository.pushed') {
  await userEvent.type(field(NAME), name);
  await userEvent.type(field(/^Description/), 'Somebody pushed.');
  await screen.findByRole('button', { name: /webhooks/ });
}

describe('RegisterPage', () => {
  beforeEach(() => sessionStorage.clear());

  it('leads from the name to the page of the event type, by keyboard alone', async () => {
    const getEntitiesByRefs = jest
      .fn()
      .mockResolvedValue({ items: [undefined] });
    const api = backend();
    await renderPage(api, {
      catalogApi: catalogApiMock.mock({
        getEntities: async request => ({
          items: JSON.stringify(request).includes('group') ? GROUPS : [],
        }),
        getEntitiesByRefs,
      }),
    });
    await screen.findByRole('button', { name: /webhooks/ });
    const user = userEvent.setup();
    const tabTo = async (element: HTMLElement) => {
      for (let stops = 0; stops < 30; stops += 1) {
        if (element === document.activeElement) {
          return;
        }
        await user.tab();
      }
      expect(element).toHaveFocus();
    };

    await tabTo(field(NAME));
    await user.keyboard('repository.pushed');
    expect(
      await screen.findByText('repository.pushed is free'),
    ).toBeInTheDocument();
    await tabTo(field(/^Description/));
    await user.keyboard('Somebody pushed.');
    await tabTo(field(/^Tags/));
    await user.keyboard('git{Enter}');

    await atStep('Schema');
    expect(screen.getByRole('heading', { name: 'Schema' })).toHaveFocus();
    await tabTo(field('Name of field 1'));
    await user.keyboard('id');
    await tabTo(screen.getByRole('button', { name: 'Add a field' }));
    await user.keyboard('{Enter}');
    // The new row has the focus: one can go on typing.
    expect(field('Name of field 2')).toHaveFocus();
    await user.keyboard('ref{Alt>}{ArrowUp}{/Alt}');
    expect(field('Name of field 1')).toHaveValue('ref');
    expect(field('Name of field 1')).toHaveFocus();
    await tabTo(screen.getByRole('checkbox', { name: 'Require field 1' }));
    await user.keyboard(' ');
    await tabTo(screen.getByRole('button', { name: 'Next: Privacy' }));
    await user.keyboard('{Enter}');

    expect(
      await screen.findByText('Nothing to decide: 2 fields'),
    ).toBeInTheDocument();
    await tabTo(
      screen.getByRole('button', { name: 'Next: Retention and volume' }),
    );
    await user.keyboard('{Enter}');
    await atStep('Retention and volume');
    await tabTo(screen.getByRole('radio', { name: /13 months/ }));
    await user.keyboard('{ArrowDown}');
    await tabTo(field(/^Expected events per day/));
    await user.keyboard('200,000{Enter}');

    await atStep('Review');
    expect(
      await screen.findByText('event.repository.pushed'),
    ).toBeInTheDocument();
    expect(screen.getByText(/guessed from the schema/)).toBeInTheDocument();
    await tabTo(screen.getByRole('button', { name: 'Register' }));
    await user.keyboard('{Enter}');

    expect(
      await screen.findByText('Registered. Waiting for the catalog…'),
    ).toBeInTheDocument();
    expect(api.sent('POST /event-types')).toEqual([
      {
        name: 'repository.pushed',
        description: 'Somebody pushed.',
        owner: 'group:default/webhooks',
        tier: 'normal',
        tags: ['git'],
        retention: 'short',
        expectedEventsPerDay: 200_000,
        fields: [
          { name: 'ref', type: 'string', required: false },
          { name: 'id', type: 'string', required: true },
        ],
      },
    ]);
    // What is registered is no draft any more.
    expect([...api.drafts.keys()]).toEqual([]);

    getEntitiesByRefs.mockResolvedValue({ items: [{ kind: 'EventType' }] });
    expect(
      await screen.findByText(
        'at /catalog/default/eventtype/repository.pushed',
      ),
    ).toBeInTheDocument();
  }, 180_000);

  it('says while typing whether the name is free, who has it, and what looks like it', async () => {
    const holder = (name: string) => ({
      name,
      owner: 'group:default/webhooks',
      description: '<img src=x onerror=alert(1)>',
      origin: 'portal',
    });
    const api = backend({
      'GET /event-types/shop.paid/availability': () => ({
        name: 'shop.paid',
        status: 'taken',
        problems: [
          { code: 'name_taken', pointer: '/name', message: 'There is one' },
        ],
        takenBy: holder('shop.paid'),
        similar: [],
      }),
      'GET /event-types/shop.paid2/availability': () => ({
        name: 'shop.paid2',
        status: 'free',
        problems: [],
        similar: [holder('shop.payed2')],
      }),
    });
    await renderPage(api);
    await userEvent.type(field(NAME), 'Shop');
    expect(
      await screen.findByText('Lower case only, such as shop.'),
    ).toBeInTheDocument();
    await userEvent.clear(field(NAME));
    await userEvent.type(field(NAME), 'shop.paid');
    expect(await screen.findByText('Taken')).toBeInTheDocument();
    expect(field(NAME)).toHaveAccessibleDescription(/There is one/);
    expect(screen.getByRole('link', { name: 'shop.paid' })).toHaveAttribute(
      'href',
      '/catalog/default/eventtype/shop.paid',
    );
    // What somebody wrote is text.
    expect(
      screen.getByText(/<img src=x onerror=alert\(1\)>/),
    ).toBeInTheDocument();

    await userEvent.type(field(NAME), '2');
    expect(await screen.findByText('shop.paid2 is free')).toBeInTheDocument();
    expect(field(NAME)).toBeValid();
    expect(
      screen.getByRole('link', { name: 'shop.payed2' }),
    ).toBeInTheDocument();
    // Half a name, or a bad one, is nobody's business.
    expect(api.calls.filter(({ call }) => call.includes('/S'))).toEqual([]);
  }, 60_000);

  it('goes no further than what is missing, and puts the focus there', async () => {
    const api = backend();
    await renderPage(api);
    await screen.findByRole('button', { name: /webhooks/ });
    await press('Next: Schema');
    expect(field(NAME)).toHaveFocus();
    expect(field(NAME)).toHaveAccessibleDescription(
      /Give the event type a name/,
    );
    expect(field(/^Description/)).toBeInvalid();
    await userEvent.type(field(NAME), 'repository.pushed');
    await userEvent.type(field(/^Description/), 'x');
    await waitFor(() => expect(field(/^Description/)).toBeValid());
    await press('Next: Schema');
    await atStep('Schema');
    await press('Next: Privacy');
    expect(field('Name of field 1')).toHaveFocus();
    expect(field('Name of field 1')).toHaveAccessibleDescription(
      'Give the field a name.',
    );
  }, 60_000);

  it('registers nothing until every flagged field is decided, and sends the decisions', async () => {
    const api = backend();
    await renderPage(api);
    await fillInWhat();
    await press('Next: Schema');
    await userEvent.click(
      await screen.findByRole('radio', { name: 'Paste sample events' }),
    );
    await userEvent.click(field('Sample events'));
    await userEvent.paste(
      '{"id": "1", "email": "a", "mail2": "b"}\n{"id": "2",',
    );
    expect(
      await screen.findByText(/line 2 by itself is JSON/),
    ).toBeInTheDocument();
    await userEvent.clear(field('Sample events'));
    await userEvent.click(field('Sample events'));
    await userEvent.paste('{"id": "1", "email": "a", "mail2": "b"}');
    await screen.findByRole('row', { name: /email string required/ });
    await press('Next: Privacy');

    expect(
      await screen.findByText(/2 fields to decide of 3/),
    ).toBeInTheDocument();
    // Those to decide come first, with the reason.
    const rows = within(
      screen.getByRole('list', { name: 'What the fields hold' }),
    ).getAllByRole('listitem');
    expect(rows.map(row => row.getAttribute('data-at'))).toEqual([
      '/fields/1',
      '/fields/2',
      '/fields/0',
    ]);
    expect(rows[0]).toHaveTextContent(
      'Probably E-mail address: its name says so',
    );
    await press('Next: Retention and volume');
    expect(
      within(rows[0]).getByRole('button', { name: /^Decide What email/ }),
    ).toHaveFocus();

    // The review says so as well, and leads to each of them.
    await step(/Review/);
    await atStep('Review');
    await press('Register');
    expect(api.sent('POST /event-types')).toEqual([]);
    const summary = await screen.findByRole('alert');
    expect(within(summary).getAllByRole('listitem')).toHaveLength(2);
    await userEvent.click(
      within(summary).getAllByRole('button', { name: 'Go to privacy' })[1],
    );
    await atStep('Privacy');
    const second = screen.getByRole('button', { name: /^Decide What mail2/ });
    await waitFor(() => expect(second).toHaveFocus());
    await userEvent.click(second);
    await userEvent.click(
      await screen.findByRole('option', { name: 'Not personal' }),
    );
    await press('Take it: email holds E-mail address');
    expect(
      await screen.findByText('Nothing to decide: 3 fields'),
    ).toBeInTheDocument();

    await step(/Review/);
    await screen.findByText('event.repository.pushed');
    await press('Register');
    await screen.findByText('Registered. Waiting for the catalog…');
    expect(api.sent('POST /event-types')).toMatchObject([
      {
        schema: {
          fields: [
            { name: 'id', type: 'string' },
            { name: 'email', type: 'string', semanticType: 'email' },
            { name: 'mail2', type: 'string', semanticType: 'none' },
          ],
        },
      },
    ]);
    // The volume was measured on what was pasted; it is not registered with it.
    expect(api.sent('POST /event-types/review').at(-1)).toHaveProperty(
      'samples',
    );
    expect(api.sent('POST /event-types')[0]).not.toHaveProperty('samples');
  }, 120_000);

  it('shows what the backend refuses at its fields, and loses nothing by it', async () => {
    const problems = [
      {
        code: 'not_owner',
        pointer: '/owner',
        message: 'You may not act for webhooks',
      },
      {
        code: 'invalid_name',
        pointer: '/fields/0/name',
        message: 'A field name begins with a letter',
      },
    ];
    const answers = [() => refusal(403, problems), () => refusal(503)];
    const api = backend({
      'POST /event-types': call => answers.shift()?.() ?? call.body,
    });
    await renderPage(api);
    await fillInWhat();
    await press('Next: Schema');
    await userEvent.type(
      await screen.findByLabelText('Name of field 1'),
      '1id',
    );
    await step(/Review/);
    await screen.findByText('event.repository.pushed');
    await press('Register');

    const summary = await screen.findByRole('alert');
    expect(summary).toHaveTextContent('2 things have to be corrected first');
    await userEvent.click(
      within(summary).getByRole('button', { name: 'Go to field 1' }),
    );
    await atStep('Schema');
    expect(field('Name of field 1')).toHaveFocus();
    expect(field('Name of field 1')).toHaveAccessibleDescription(
      'A field name begins with a letter',
    );
    await userEvent.type(field('Name of field 1'), '{Backspace}d');
    await waitFor(() => expect(field('Name of field 1')).toBeValid());
    await step(/What it is/);
    await screen.findByText('You may not act for webhooks');
    expect(field(NAME)).toHaveValue('repository.pushed');

    await step(/Review/);
    await screen.findByText('event.repository.pushed');
    await press('Register');
    expect(
      await screen.findByText(/could not be registered. What you filled in/),
    ).toBeInTheDocument();
    await press('Register');
    expect(
      await screen.findByText('Registered. Waiting for the catalog…'),
    ).toBeInTheDocument();
  }, 120_000);

  it('shows what a review finds, with hints apart', async () => {
    const api = backend({
      'POST /event-types/review': ({ body }) => ({
        ...reviewOf(Object(body)),
        isReady: false,
        problems: [
          {
            code: 'invalid_value',
            pointer: '/retention',
            message: 'There is no such class',
          },
        ],
        hints: [
          {
            code: 'name_too_similar',
            pointer: '/name',
            message: "There is 'shop.payed' already",
          },
        ],
      }),
    });
    await renderPage(api);
    await fillInWhat();
    await step(/Schema/);
    await userEvent.type(await screen.findByLabelText('Name of field 1'), 'id');
    await step(/Review/);
    const alert = await screen.findByText('There is no such class');
    expect(alert).toBeInTheDocument();
    expect(screen.getByText(/Worth a look/)).toBeInTheDocument();
    await press('Register');
    expect(api.sent('POST /event-types')).toEqual([]);
    await press('Go to retention class');
    await atStep('Retention and volume');
    expect(screen.getByText('There is no such class')).toBeInTheDocument();
  }, 60_000);

  describe('drafts', () => {
    it('are saved by themselves, survive a reload, and are resumed from the list', async () => {
      const api = backend();
      const first = await renderPage(api);
      expect(api.drafts.size).toBe(0);
      await fillInWhat();
      expect(await screen.findByText(/^Saved/)).toHaveTextContent(
        'Saved just now',
      );
      expect(api.drafts.size).toBe(1);
      const [id] = [...api.drafts.keys()];
      expect(screen.getByText(`at /?draft=${id}`)).toBeInTheDocument();
      first.unmount();

      const second = await renderPage(api, { at: `/?draft=${id}&step=schema` });
      await atStep('Schema');
      await userEvent.type(field('Name of field 1'), '<b>id</b>');
      await waitFor(() =>
        expect(api.drafts.get(id)?.content).toMatchObject({
          name: 'repository.pushed',
          fields: [{ name: '<b>id</b>' }],
        }),
      );
      second.unmount();

      await renderPage(api);
      const list = await screen.findByRole('region', { name: 'Your drafts' });
      await userEvent.click(
        within(list).getByRole('link', { name: 'repository.pushed' }),
      );
      await waitFor(() => expect(field(NAME)).toHaveValue('repository.pushed'));
      await step(/Schema/);
      expect(await screen.findByLabelText('Name of field 1')).toHaveValue(
        '<b>id</b>',
      );
    }, 60_000);

    it('are kept in the tab while the session has ended, for the same user alone', async () => {
      let isSignedIn = true;
      const api = backend({}, ({ call }) =>
        isSignedIn || !call.startsWith('PUT') ? undefined : refusal(401),
      );
      const first = await renderPage(api);
      await userEvent.type(field(NAME), 'repository.pu');
      await screen.findByText(/^Saved/);
      isSignedIn = false;
      await userEvent.type(field(NAME), 'shed');
      expect(
        await screen.findByText('Your session has ended.'),
      ).toBeInTheDocument();
      const [id] = [...api.drafts.keys()];
      first.unmount();
      isSignedIn = true;

      const other = await renderPage(api, {
        at: `/?draft=${id}`,
        user: 'user:default/other',
      });
      expect(field(NAME)).toHaveValue('repository.pu');
      other.unmount();

      await renderPage(api, { at: `/?draft=${id}` });
      expect(field(NAME)).toHaveValue('repository.pushed');
      await waitFor(() =>
        expect(api.drafts.get(id)?.content.name).toBe('repository.pushed'),
      );
    }, 60_000);

    it('are discarded after a question, and do not come back', async () => {
      const api = backend();
      await renderPage(api);
      await fillInWhat();
      await screen.findByText(/^Saved/);
      await press('Discard the draft');
      const dialog = await screen.findByRole('dialog');
      expect(dialog).toHaveTextContent('Discard the draft repository.pushed?');
      await userEvent.click(
        within(dialog).getByRole('button', { name: 'Keep it' }),
      );
      expect(api.drafts.size).toBe(1);

      await press('Discard the draft');
      await userEvent.click(
        within(await screen.findByRole('dialog')).getByRole('button', {
          name: 'Discard the draft',
        }),
      );
      await waitFor(() => expect(field(NAME)).toHaveValue(''));
      expect(api.drafts.size).toBe(0);
      expect(screen.getByText('at /')).toBeInTheDocument();
      // What is begun then is another draft.
      await userEvent.type(field(NAME), 'other');
      await screen.findByText(/^Saved/);
      expect([...api.drafts.values()]).toMatchObject([{ title: 'other' }]);
    }, 60_000);

    it('of somebody else, or gone, are said not to be there', async () => {
      const api = backend();
      renderPage(api, { at: '/?draft=nosuch' }).catch(() => {});
      expect(
        await screen.findByText('There is no such draft'),
      ).toBeInTheDocument();
      await press('Start a new one');
      await waitFor(() => expect(field(NAME)).toHaveValue(''));
    }, 60_000);
  });

  it('does not ask the preview for what was decided: a reason stays to be seen', async () => {
    const api = backend();
    await renderPage(api);
    await fillInWhat();
    await step(/Schema/);
    await userEvent.type(
      await screen.findByLabelText('Name of field 1'),
      'email',
    );
    await userEvent.click(
      screen.getByRole('button', { name: /What field 1 holds/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'E-mail address' }),
    );
    await screen.findByRole('row', { name: /email string required email/ });
    await step(/Privacy/);
    expect(
      await screen.findByText(/Probably E-mail address: its name says so/),
    ).toBeInTheDocument();
    expect(JSON.stringify(api.sent('POST /event-types/preview'))).not.toContain(
      'semanticType',
    );
  }, 60_000);
});
