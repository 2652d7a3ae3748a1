import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { identityApiRef } from '@backstage/frontend-plugin-api';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import {
  type Routes,
  backends,
  failure,
  row,
} from '../../__testUtils__/estate';
import { writeKey } from '../../__testUtils__/writeKeys';
import {
  describeKeys,
  describeScope,
  describeUse,
  keyState,
} from './describeKeys';
import { draftProblems, newKeyDraft, toRequest } from './keyDraft';
import { WriteKeysPage } from './WriteKeysPage';

const NOW = new Date('2026-11-21T10:53:10Z');

// Typing and choosing takes its time on a machine that does much else.
jest.setTimeout(30_000);

describe('keys in words', () => {
  it('says what wants a look', () => {
    const unused = writeKey({
      keyId: 'k2',
      use: { requests: 0, events: 0, refusedRequests: 0, gateways: [] },
    });
    const ending = writeKey({ keyId: 'k3', expiresAt: '2026-11-23T10:53:10Z' });
    const revoked = writeKey({ keyId: 'k4', state: 'revoked' });
    expect(describeKeys([writeKey(), unused, ending, revoked], NOW)).toBe(
      '3 live write keys, 1 within 7 days of expiry, 1 never used',
    );
    expect(describeKeys([revoked], NOW)).toMatch(/^No write key is live/);
    expect(keyState(ending, NOW)).toEqual({
      status: 'attention',
      word: 'live, ends in 2 d',
    });
    expect(keyState(revoked, NOW).word).toBe('revoked');
    expect(describeUse(unused, NOW)).toBe('It was never used.');
    expect(describeScope(writeKey({ eventTypes: undefined }))).toBe(
      'all event types',
    );
    expect(describeScope(writeKey({ eventTypes: ['a', 'b', 'c'] }))).toBe(
      'a and 2 more',
    );
  });

  it('never asks for a browser key of all event types', () => {
    const draft = {
      ...newKeyDraft(),
      name: 'Shop',
      producer: 'shop',
      isForAll: true,
    };
    expect(draftProblems(draft)).toEqual({});
    expect(toRequest(draft, NOW)).toEqual({
      name: 'Shop',
      producer: 'shop',
      kind: 'server',
    });
    const browser = { ...draft, kind: 'browser' as const };
    expect(Object.keys(draftProblems(browser))).toEqual(['eventTypes']);
    expect(
      toRequest({ ...browser, eventTypes: ['a.b'], lifetime: '7' }, NOW),
    ).toEqual({
      name: 'Shop',
      producer: 'shop',
      kind: 'browser',
      eventTypes: ['a.b'],
      expiresAt: '2026-11-28T10:53:10.000Z',
    });
  });
});

function renderPage(routes: Routes, at = '/delivery/write-keys') {
  const { fetchApi, requests } = backends({
    'GET /delivery/write-keys': () => ({ items: [writeKey()] }),
    'GET /delivery/overview': () => ({
      items: [row('repository.pushed'), row('issue.opened')],
    }),
    ...routes,
  });
  renderInTestApp(<WriteKeysPage />, {
    apis: [
      [deliveryApiRef, new DeliveryClient({ fetchApi })],
      [
        identityApiRef,
        mockApis.identity({
          userEntityRef: 'user:default/owner',
          ownershipEntityRefs: ['group:default/webhooks'],
        }),
      ],
      mockApis.permission(),
    ],
    mountedRoutes: { '/delivery': rootRouteRef },
    initialRouteEntries: [at],
  });
  return { requests };
}

describe('WriteKeysPage', () => {
  it('answers in words and lists the keys with their use', async () => {
    renderPage({});
    expect(
      await screen.findByRole('heading', { name: '1 live write key' }),
    ).toBeInTheDocument();
    const key = await screen.findByRole('row', { name: /Checkout/ });
    expect(key).toHaveTextContent('live');
    expect(key).toHaveTextContent('on servers');
    expect(key).toHaveTextContent('1,204 events');
  });

  it('leaves out what replays and test events have done with, until it is asked for', async () => {
    const made = { producer: undefined, purpose: 'test-event' as const };
    renderPage({
      'GET /delivery/write-keys': () => ({
        items: [
          writeKey(),
          writeKey({ ...made, keyId: 'k2', name: 'Test event on its way' }),
          writeKey({
            ...made,
            keyId: 'k3',
            name: 'Test event of yesterday',
            state: 'revoked',
          }),
        ],
      }),
    });
    // What can send is seen, whoever it was made for.
    expect(
      await screen.findByRole('row', { name: /on its way/ }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('row', { name: /of yesterday/ }),
    ).not.toBeInTheDocument();

    await userEvent.click(screen.getByRole('button', { name: /Show/ }));
    await userEvent.click(
      await screen.findByRole('option', {
        name: 'keys of replays and test events',
      }),
    );
    expect(
      await screen.findByRole('row', { name: /of yesterday/ }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('row', { name: /Checkout/ }),
    ).not.toBeInTheDocument();
  });

  it('takes the focus into its dialog by keyboard and gives it back', async () => {
    renderPage({});
    const opener = await screen.findByRole('button', {
      name: 'Create a write key',
    });
    // Also before it is known what one may do.
    expect(opener).toBeEnabled();
    act(() => opener.focus());
    await userEvent.keyboard('{Enter}');
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toContainElement(document.activeElement as HTMLElement);
    await userEvent.tab();
    expect(dialog).toContainElement(document.activeElement as HTMLElement);
    await userEvent.keyboard('{Escape}');
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    await waitFor(() => expect(opener).toHaveFocus());
  });

  it('creates a browser key, says what that is, and shows the key once', async () => {
    const created: unknown[] = [];
    renderPage({
      'POST /delivery/write-keys': ({ body }) => {
        created.push(body);
        return { ...writeKey(), writeKey: 'mr_k1_secret_sum' };
      },
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Create a write key' }),
    );
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'Create' }));
    expect(
      await dialog.findByText('Say what the key is for.'),
    ).toBeInTheDocument();
    expect(created).toHaveLength(0);

    await userEvent.type(dialog.getByLabelText(/^Name/), 'Shop pages');
    await userEvent.type(dialog.getByLabelText(/^Producer/), 'shop');
    await userEvent.click(dialog.getByRole('radio', { name: /In a browser/ }));
    expect(dialog.getByText('A browser key is public')).toBeInTheDocument();
    await userEvent.click(
      dialog.getByRole('button', { name: /Event types it may send/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'issue.opened' }),
    );
    await userEvent.keyboard('{Escape}');
    await userEvent.click(dialog.getByRole('button', { name: 'Create' }));
    expect(await dialog.findByText('mr_k1_secret_sum')).toBeInTheDocument();
    expect(created).toEqual([
      {
        name: 'Shop pages',
        producer: 'shop',
        kind: 'browser',
        eventTypes: ['issue.opened'],
      },
    ]);
    // It is not shown again, so it does not vanish by accident.
    await userEvent.keyboard('{Escape}');
    expect(dialog.getByText('mr_k1_secret_sum')).toBeInTheDocument();
    await userEvent.click(
      dialog.getByRole('button', { name: 'I have stored it' }),
    );
    await waitFor(() =>
      expect(screen.queryByText('mr_k1_secret_sum')).not.toBeInTheDocument(),
    );
  });

  it('keeps what was filled in when a key could not be created', async () => {
    renderPage(
      {
        'POST /delivery/write-keys': () =>
          failure(409, "The producer 'shop' has two live keys"),
      },
      '/delivery/write-keys?create=&eventType=issue.opened',
    );
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.type(dialog.getByLabelText(/^Name/), 'Shop');
    await userEvent.type(dialog.getByLabelText(/^Producer/), 'shop');
    await userEvent.click(dialog.getByRole('button', { name: 'Create' }));
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      /No write key was created.*two live keys/,
    );
    expect(dialog.getByLabelText(/^Name/)).toHaveValue('Shop');
  });

  it('rotates a key, shows when the old one was last used, and revokes it', async () => {
    let keys = [writeKey()];
    const sent: unknown[] = [];
    const { requests } = renderPage(
      {
        'GET /delivery/write-keys': () => ({ items: keys }),
        'POST /delivery/write-keys/k1/rotate': ({ body }) => {
          sent.push(body);
          const successor = writeKey({ keyId: 'k9', replaces: 'k1' });
          keys = [successor, ...keys];
          return { ...successor, writeKey: 'mr_k9_secret_sum' };
        },
        'DELETE /delivery/write-keys/k1': () => {
          keys = keys.map(key =>
            key.keyId === 'k1' ? { ...key, state: 'revoked' as const } : key,
          );
          return new Response(null, { status: 204 });
        },
      },
      '/delivery/write-keys?key=k1',
    );
    const dialog = within(
      await screen.findByRole('dialog', { name: 'Checkout' }),
    );
    expect(
      dialog.getByRole('row', { name: /^gateway-1 .* 12 1,204 0$/ }),
    ).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('button', { name: 'Rotate' }));
    await userEvent.click(
      dialog.getByRole('button', { name: 'Make the new key' }),
    );
    expect(await dialog.findByText('mr_k9_secret_sum')).toBeInTheDocument();
    expect(sent).toEqual([{}]);
    expect(
      dialog.getByText('The old key still works').closest('[role=status]'),
    ).toHaveTextContent(/It was last used .+ ago: 1,204 events/);

    await userEvent.click(
      dialog.getByRole('button', { name: 'Revoke the old key' }),
    );
    const confirm = within(
      await screen.findByRole('dialog', { name: 'Revoke Checkout?' }),
    );
    expect(confirm.getByText('It cannot be taken back.')).toBeInTheDocument();
    expect(confirm.getByText(/1,204 events/)).toBeInTheDocument();
    await userEvent.click(
      confirm.getByRole('button', { name: 'Revoke the key' }),
    );
    await waitFor(() =>
      expect(requests).toContain('DELETE /delivery/write-keys/k1'),
    );
    expect(
      await dialog.findByText('revoked', {}, { timeout: 5000 }),
    ).toBeInTheDocument();
    // The new key is shown this one time: it stays until somebody has stored it.
    expect(dialog.getByText('mr_k9_secret_sum')).toBeInTheDocument();
    await userEvent.click(
      dialog.getByRole('button', { name: 'I have stored the new key' }),
    );
    expect(
      dialog.queryByRole('button', { name: 'Rotate' }),
    ).not.toBeInTheDocument();
  });

  it('moves the end of a key', async () => {
    const sent: unknown[] = [];
    renderPage(
      {
        'POST /delivery/write-keys/k1/expiry': ({ body }) => {
          sent.push(body);
          return writeKey({ expiresAt: '2026-12-21T10:53:10Z' });
        },
      },
      '/delivery/write-keys?key=k1',
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Change its end' }),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Change the end' }),
    );
    await waitFor(() =>
      expect(sent).toEqual([{ expiresAt: expect.stringMatching(/Z$/) }]),
    );
    expect(
      await screen.findByRole('button', { name: 'Rotate' }),
    ).toBeInTheDocument();
  });

  it('shows only the keys of an event type when the address says so', async () => {
    renderPage(
      {
        'GET /delivery/write-keys': () => ({
          items: [
            writeKey(),
            writeKey({
              keyId: 'k2',
              name: 'Other',
              eventTypes: ['issue.opened'],
            }),
            writeKey({ keyId: 'k3', name: 'All', eventTypes: undefined }),
          ],
        }),
      },
      '/delivery/write-keys?eventType=issue.opened',
    );
    expect(await screen.findByRole('row', { name: /Other/ })).toBeVisible();
    expect(screen.getByRole('row', { name: /All/ })).toBeVisible();
    expect(
      screen.queryByRole('row', { name: /Checkout/ }),
    ).not.toBeInTheDocument();
  });

  it('says that there are none, and why it knows nothing', async () => {
    renderPage({ 'GET /delivery/write-keys': () => ({ items: [] }) });
    expect(await screen.findByText('No write keys yet')).toBeInTheDocument();
  });

  it('says why it knows nothing', async () => {
    renderPage({
      'GET /delivery/write-keys': () => failure(503, 'The ledger is starting'),
    });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /could not be loaded.*The ledger is starting/,
    );
  });
});
