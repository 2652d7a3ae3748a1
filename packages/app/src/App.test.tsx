import { mockApis } from '@backstage/frontend-test-utils';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createMillraceApp } from './App';

const DEMO_SIGN_IN = {
  auth: {
    providers: {
      demo: { identities: ['user:default/developer', 'user:default/owner'] },
    },
  },
};

/** A Backstage token that expires in an hour; nobody here checks signatures. */
function token(): string {
  const encode = (part: unknown) =>
    Buffer.from(JSON.stringify(part)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return [encode({ alg: 'none' }), encode({ exp }), ''].join('.');
}

/** The network edge: signs in whom the header names, and has no event types. */
function backend() {
  const signedInAs: string[] = [];
  const fetchMock = jest.fn<Promise<Response>, Parameters<typeof fetch>>(
    async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (url.endsWith('/api/auth/demo/refresh')) {
        const ref = new Headers(init?.headers).get('x-millrace-demo-identity');
        signedInAs.push(String(ref));
        return Response.json({
          profile: { displayName: ref },
          backstageIdentity: {
            token: token(),
            identity: {
              type: 'user',
              userEntityRef: ref,
              ownershipEntityRefs: [ref],
            },
          },
        });
      }
      if (url.endsWith('/api/delivery/status')) {
        return Response.json({
          mode: 'embedded',
          processes: [],
          gateways: [],
          workers: [],
          gatewayUrl: 'http://localhost:7008',
          bucketSeconds: 60,
          ledger: { isReachable: true },
          reconciler: { failedRounds: 0, failing: [] },
        });
      }
      return Response.json({ items: [] });
    },
  );
  global.fetch = fetchMock;
  return { signedInAs };
}

function openPortal(path: string, data: Partial<typeof DEMO_SIGN_IN>) {
  window.history.pushState({}, '', path);
  const config = mockApis.config({
    data: {
      app: { title: 'Millrace', baseUrl: 'http://localhost:3000' },
      backend: { baseUrl: 'http://localhost:7007' },
      ...data,
    },
  });
  render(
    createMillraceApp({
      advanced: { configLoader: async () => ({ config }) },
    }).createRoot(),
  );
}

/** A system that asks for light pages, until it is evening. */
function light() {
  const query = Object.assign(new EventTarget(), {
    media: '(prefers-color-scheme: dark)',
    matches: false,
    onchange: null,
    addListener: (listener: () => void) =>
      query.addEventListener('change', listener),
    removeListener: (listener: () => void) =>
      query.removeEventListener('change', listener),
  });
  const never = { ...query, matches: false, addEventListener: () => {} };
  window.matchMedia = media =>
    (media === query.media ? query : never) as MediaQueryList;
  return {
    turnDark() {
      query.matches = true;
      query.dispatchEvent(
        Object.assign(new Event('change'), { matches: true }),
      );
    },
  };
}

describe('the portal', () => {
  const { fetch: originalFetch } = global;
  const { matchMedia: originalMatchMedia } = window;
  beforeEach(() => {
    window.localStorage.clear();
  });
  afterEach(() => {
    cleanup();
    global.fetch = originalFetch;
    window.matchMedia = originalMatchMedia;
  });

  it('lets one choose who to be, leads home to delivery, and remembers the choice', async () => {
    const { signedInAs } = backend();
    openPortal('/', DEMO_SIGN_IN);
    await userEvent.click(
      await screen.findByRole(
        'button',
        { name: 'Sign in as Owner' },
        // The first render of all loads every plugin.
        { timeout: 15_000 },
      ),
    );

    expect(
      await screen.findByText('No event types yet', {}, { timeout: 15_000 }),
    ).toBeInTheDocument();
    expect(window.location.pathname).toBe('/delivery');
    expect(signedInAs).toEqual(['user:default/owner']);
    const links = screen
      .getAllByRole('link')
      .map(link => link.getAttribute('href'));
    expect(links).toEqual(
      expect.arrayContaining([
        '/search',
        '/delivery',
        '/event-types',
        '/catalog',
      ]),
    );

    cleanup();
    openPortal('/delivery', DEMO_SIGN_IN);
    await screen.findByText('No event types yet', {}, { timeout: 15_000 });
    expect(signedInAs).toEqual(['user:default/owner', 'user:default/owner']);
  }, 60_000);

  it('offers another identity when the backend refuses the chosen one', async () => {
    backend();
    global.fetch = async () =>
      Response.json(
        {
          error: {
            name: 'ServiceUnavailableError',
            message: 'The demo identity is not in the catalog',
          },
          response: { statusCode: 503 },
        },
        { status: 503 },
      );
    openPortal('/', DEMO_SIGN_IN);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Sign in as Developer' }),
    );
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The demo identity is not in the catalog',
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Choose another identity' }),
    );
    await waitFor(() =>
      expect(
        screen.getByRole('button', { name: 'Sign in as Owner' }),
      ).toBeInTheDocument(),
    );
    expect(window.localStorage.getItem('millrace.demo-identity')).toBeNull();
  }, 60_000);

  it('says how to configure sign-in when nobody did', async () => {
    backend();
    openPortal('/', {});
    expect(
      await screen.findByRole('heading', { name: 'Sign-in is not configured' }),
    ).toBeInTheDocument();
  }, 60_000);

  it('changes its theme under the page, which stays as it is', async () => {
    const { turnDark } = light();
    backend();
    openPortal('/', DEMO_SIGN_IN);
    const choice = await screen.findByRole('button', {
      name: 'Sign in as Owner',
    });
    expect(document.body).toHaveAttribute('data-theme-mode', 'light');
    act(() => turnDark());
    expect(document.body).toHaveAttribute('data-theme-mode', 'dark');
    expect(screen.getByRole('button', { name: 'Sign in as Owner' })).toBe(
      choice,
    );
  }, 60_000);
});
