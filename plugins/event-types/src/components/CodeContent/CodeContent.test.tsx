import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import type {
  DeclarationImportReview,
  EventType,
} from '@millrace/plugin-event-types-common';
import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  DeclarationsClient,
  EventTypesClient,
  declarationsApiRef,
  eventTypesApiRef,
} from '../../api';
import { CodeContent } from './CodeContent';

// Checks come after a pause in typing, and machines are slow.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);

const TEXT = `kind: EventType
metadata:
  name: push
  description: <img src=x onerror=alert(1)>
`;

const eventType: EventType = {
  name: 'push',
  owner: 'group:default/webhooks',
  tier: 'normal',
  version: 3,
  generation: 7,
  origin: 'portal',
  schema: { type: 'record', name: 'Push', fields: [] },
  fields: [],
  createdAt: '2026-11-20T10:00:00.000Z',
  createdBy: 'user:default/owner',
  updatedAt: '2026-11-20T10:00:00.000Z',
  updatedBy: 'user:default/owner',
};

const unchanged: DeclarationImportReview = {
  name: 'push',
  isReady: true,
  action: 'unchanged',
  isTakeOver: false,
  problems: [],
  hints: [],
  parts: [],
  differences: [],
  fields: [],
  version: 3,
  generation: 7,
};

/** A backend that finds what is in the text, at its network edge. */
function judge(text: string): DeclarationImportReview {
  if (text.includes('urgent')) {
    return {
      ...unchanged,
      isReady: false,
      action: 'refused',
      problems: [
        {
          code: 'invalid_value',
          pointer: '/spec/tier',
          line: 2,
          message: 'The tier must be critical, normal or low',
        },
      ],
    };
  }
  return text.includes('low')
    ? {
        ...unchanged,
        action: 'new-version',
        version: 4,
        parts: [{ part: 'tier', old: 'normal', new: 'low' }],
        differences: [
          {
            code: 'field_added',
            pointer: '/data/note',
            path: 'note',
            new: 'optional string',
            breaks: [],
            message: 'Field note was added',
            version: 3,
            isBreaking: false,
          },
        ],
        hints: [
          {
            code: 'unknown_property',
            pointer: '/spec/colour',
            line: 3,
            message: 'There is no such property',
          },
        ],
      }
    : unchanged;
}

function backend(found: Partial<EventType> | Response = {}) {
  const sent: { call: string; body: unknown }[] = [];
  const fetchApi = mockApis.fetch({
    baseImplementation: async (input, init) => {
      const path = String(input).replace('plugin://event-types', '');
      const call = `${init?.method ?? 'GET'} ${path}`;
      if (init?.method) {
        sent.push({ call, body: init.body });
      }
      if (call.endsWith('/declaration/check')) {
        return Response.json(judge(String(init?.body)));
      }
      if (call.endsWith('/declaration.yaml')) {
        return new Response(TEXT);
      }
      if (found instanceof Response) {
        return found.clone();
      }
      const isTakenIn = sent.some(each => each.call.startsWith('PUT'));
      return Response.json({
        ...eventType,
        ...found,
        ...(isTakenIn && { version: 4, generation: 8, origin: 'portal' }),
      });
    },
  });
  return { fetchApi, sent };
}

async function renderTab(
  api: ReturnType<typeof backend>,
  options: { mayChange?: boolean; name?: string } = {},
) {
  const { mayChange = true, name = 'push' } = options;
  const entity: Entity = {
    apiVersion: 'millrace.io/v1alpha1',
    kind: 'EventType',
    metadata: { name, namespace: 'default' },
  };
  renderInTestApp(
    <EntityProvider entity={entity}>
      <CodeContent />
    </EntityProvider>,
    {
      apis: [
        [eventTypesApiRef, new EventTypesClient({ fetchApi: api.fetchApi })],
        [
          declarationsApiRef,
          new DeclarationsClient({ fetchApi: api.fetchApi }),
        ],
        // What is not allowed is never decided: a button is not shown until then.
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

const openImport = async () =>
  await userEvent.click(
    await screen.findByRole('button', { name: 'Import a declaration' }),
  );

async function paste(text: string) {
  const editor = screen.getByRole('textbox', { name: /Declaration/ });
  await userEvent.clear(editor);
  await userEvent.click(editor);
  await userEvent.paste(text);
}

describe('CodeContent', () => {
  it('says where it is declared, gives the file out as text, and how to move it', async () => {
    const user = userEvent.setup();
    const write = jest.spyOn(navigator.clipboard, 'writeText');
    await renderTab(backend());
    expect(
      await screen.findByRole('heading', { name: 'Declared in the portal' }),
    ).toBeInTheDocument();
    const box = screen.getByRole('region', { name: /declaration as YAML/ });
    expect(box).toHaveTextContent('<img src=x onerror=alert(1)>');
    expect(box.querySelector('img')).toBeNull();
    expect(box).toHaveAttribute('tabindex', '0');
    expect(screen.getByText(/^push.yaml: 4 lines, /)).toBeInTheDocument();

    await user.click(
      screen.getByRole('button', { name: 'Copy the declaration' }),
    );
    expect(write).toHaveBeenCalledWith(TEXT);
    expect(screen.getByText('The declaration is copied.')).toBeInTheDocument();

    const steps = screen.getByRole('region', {
      name: 'Keep it in a repository',
    });
    expect(steps).toHaveTextContent(
      'npx millrace lint events/push.yaml --against',
    );
    expect(steps).toHaveTextContent(
      'if it names the owner group:default/webhooks',
    );
  });

  it('is read-only where a file declares it, and leads to the file', async () => {
    await renderTab(
      backend({
        origin: 'catalog',
        location: 'url:https://code.example/push.yaml',
        declarationProblems: [
          { code: 'field_removed', pointer: '/data/id', message: 'Id is gone' },
        ],
      }),
    );
    expect(
      await screen.findByRole('link', {
        name: /https:\/\/code.example\/push.yaml/,
      }),
    ).toHaveAttribute('href', 'https://code.example/push.yaml');
    expect(screen.getByText('Id is gone')).toBeInTheDocument();
    expect(
      screen.getByRole('heading', { name: 'Check it in a pipeline' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Import a declaration' }),
    ).not.toBeInTheDocument();
  });

  it('says since when it is an orphan, and how that ends', async () => {
    await renderTab(
      backend({
        origin: 'catalog',
        location: 'file:/srv/push.yaml',
        orphanedAt: '2026-11-21T09:00:00.000Z',
      }),
    );
    expect(
      await screen.findByRole('heading', {
        name: 'Orphaned since 2026-11-21 09:00:00 UTC',
      }),
    ).toBeInTheDocument();
    expect(screen.getByText(/declared by file:\/srv\/push.yaml/)).toBeVisible();
    expect(
      await screen.findByRole('button', { name: 'Import a declaration' }),
    ).toBeEnabled();
  });

  it('shows the way back to nobody who may not change it', async () => {
    await renderTab(backend(), { mayChange: false, name: 'push-of-others' });
    expect(
      await screen.findByText(/Members of its owner and the platform team/),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Import a declaration' }),
    ).not.toBeInTheDocument();
  });

  it('explains who may see it to who may not', async () => {
    await renderTab(
      backend(
        Response.json(
          {
            error: { name: 'NotAllowedError', message: 'No' },
            response: { statusCode: 403 },
          },
          { status: 403 },
        ),
      ),
    );
    expect(
      await screen.findByText('You may not see the declaration'),
    ).toBeInTheDocument();
  });

  it('takes in nothing when the file says what is registered', async () => {
    await renderTab(backend());
    await openImport();
    expect(
      screen.getByRole('heading', { name: 'Import a declaration of push' })
        .parentElement,
    ).toHaveFocus();
    await paste(TEXT);
    expect(
      await screen.findByText(/Nothing would change: push is registered/),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('button', { name: 'Nothing to take in' }),
    ).toBeDisabled();
  });

  it('shows what would differ before it takes a file in', async () => {
    const api = backend();
    await renderTab(api);
    await openImport();
    await userEvent.upload(
      screen.getByLabelText('File'),
      // What every browser has, and jsdom does not.
      Object.assign(new File(['tier: low'], 'push.yaml'), {
        text: async () => 'tier: low',
      }),
    );
    expect(await screen.findByText('From push.yaml.')).toBeInTheDocument();
    expect(
      await screen.findByText(
        /The schema of push becomes version 4: 1 difference, all allowed; tier changes/,
      ),
    ).toBeInTheDocument();
    const tier = screen.getByRole('row', { name: /^Tier/ });
    expect(
      within(tier)
        .getAllByRole('cell')
        .map(cell => cell.textContent),
    ).toEqual(['normal', 'low']);
    expect(screen.getByText(/^Field note was added/)).toBeInTheDocument();
    expect(
      screen.getByRole('table', { name: /in nobody's way/ }),
    ).toHaveTextContent('There is no such property');
    expect(api.sent.some(({ call }) => call.startsWith('PUT'))).toBe(false);

    await userEvent.click(
      screen.getByRole('button', { name: 'Take in as version 4' }),
    );
    expect(
      await screen.findByText('Taken in: the schema is at version 4.'),
    ).toBeInTheDocument();
    expect(api.sent).toContainEqual({
      call: 'PUT /event-types/push/declaration?generation=7',
      body: 'tier: low',
    });
  });

  it('can begin with what is registered, to be changed in place', async () => {
    await renderTab(backend());
    await openImport();
    await userEvent.click(
      screen.getByRole('button', { name: 'Begin with what is registered' }),
    );
    expect(screen.getByRole('textbox', { name: /Declaration/ })).toHaveValue(
      TEXT,
    );
    expect(await screen.findByText(/Nothing would change/)).toBeInTheDocument();
  });

  it('leads to the line of what is wrong', async () => {
    await renderTab(backend());
    await openImport();
    await paste('spec:\n  tier: urgent\n');
    expect(
      await screen.findByText(/It cannot be taken in: 1 problem/),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Take in' })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: 'Go to line 2' }));
    const editor = screen.getByRole<HTMLTextAreaElement>('textbox', {
      name: /Declaration/,
    });
    expect(editor).toHaveFocus();
    expect(editor.value.slice(editor.selectionStart, editor.selectionEnd)).toBe(
      '  tier: urgent',
    );
  });

  it('opens no file that the backend would not read', async () => {
    await renderTab(backend());
    await openImport();
    const huge = new File(['x'.repeat(2 * 1024 * 1024 + 1)], 'huge.yaml');
    await userEvent.upload(screen.getByLabelText('File'), huge);
    expect(
      await screen.findByText(/huge.yaml has 2.1 MB; at most 2.1 MB are read/),
    ).toBeInTheDocument();
    await waitFor(() =>
      expect(screen.getByRole('textbox', { name: /Declaration/ })).toHaveValue(
        '',
      ),
    );
  });
});
