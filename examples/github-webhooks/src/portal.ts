/** The answer of the portal to one call. */
export interface PortalAnswer {
  status: number;
  body: unknown;
}

/** Calls the portal's HTTP API as one of its demo identities. */
export interface Portal {
  call(method: string, path: string, body?: unknown): Promise<PortalAnswer>;
}

/** The portal answered something with which this example cannot go on. */
export class PortalError extends Error {
  readonly status: number;

  constructor(action: string, answer: PortalAnswer) {
    super(
      `The portal answered ${answer.status} to: ${action}. ${JSON.stringify(
        answer.body,
      )}`,
    );
    this.name = 'PortalError';
    this.status = answer.status;
  }

  /** Whether the same call may succeed once the portal is up. */
  get isTransient(): boolean {
    return this.status >= 500 || this.status === 404 || this.status === 429;
  }
}

const SIGN_IN_PATH = '/api/auth/demo/refresh';
const CALL_TIMEOUT_MS = 30_000;

/** Signs in at once and again whenever the token has expired. */
export async function signIn(options: {
  portalUrl: string;
  identity: string;
  signal?: AbortSignal;
}): Promise<Portal> {
  const { portalUrl, identity, signal } = options;

  async function request(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<PortalAnswer> {
    const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
    const response = await fetch(new URL(path, portalUrl), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return { status: response.status, body: parseBody(await response.text()) };
  }

  async function fetchToken(): Promise<string> {
    const answer = await request('GET', SIGN_IN_PATH, {
      'x-millrace-demo-identity': identity,
      'x-requested-with': 'XMLHttpRequest',
    });
    const session = answer.body as {
      backstageIdentity?: { token?: unknown };
    };
    const token = session?.backstageIdentity?.token;
    if (answer.status !== 200 || typeof token !== 'string') {
      throw new PortalError(`sign in as ${identity}`, answer);
    }
    return token;
  }

  let token = await fetchToken();
  return {
    async call(method, path, body) {
      const send = () =>
        request(method, path, { authorization: `Bearer ${token}` }, body);
      const answer = await send();
      if (answer.status !== 401) {
        return answer;
      }
      token = await fetchToken();
      return send();
    },
  };
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 500);
  }
}
