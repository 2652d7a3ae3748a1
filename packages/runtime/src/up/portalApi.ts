/** A process of the data plane as the portal reports it. */
export interface DeliveryProcess {
  role: string;
  state: string;
  pid?: number;
}

/** The few calls of the portal's HTTP API that the command line needs. */
export interface PortalApi {
  /** True once every plugin of the portal has started. */
  isReady(): Promise<boolean>;
  deliveryStatus(): Promise<{ processes: DeliveryProcess[] }>;
  get<T>(path: string): Promise<T>;
}

/**
 * Talks to the portal as one of the demo identities, by the same door a
 * browser uses.
 *
 * @param identity entity reference, such as `user:default/platform`
 */
export function createPortalApi(baseUrl: string, identity: string): PortalApi {
  let session: { token: string; expiresAt: number } | undefined;

  async function signIn(): Promise<string> {
    if (session && session.expiresAt > Date.now()) return session.token;
    const body = await getJson<{ backstageIdentity: { token: string } }>(
      `${baseUrl}/api/auth/demo/refresh`,
      { 'x-millrace-demo-identity': identity },
    );
    const { token } = body.backstageIdentity;
    // Backstage tokens live an hour; a fresh one every few minutes is safe.
    session = { token, expiresAt: Date.now() + 5 * 60_000 };
    return token;
  }

  async function get<T>(path: string): Promise<T> {
    return getJson<T>(`${baseUrl}${path}`, {
      authorization: `Bearer ${await signIn()}`,
    });
  }

  return {
    isReady: () =>
      fetch(`${baseUrl}/.backstage/health/v1/readiness`).then(
        response => response.ok,
        () => false,
      ),
    deliveryStatus: () =>
      get<{ processes: DeliveryProcess[] }>('/api/delivery/status').catch(
        () => ({ processes: [] }),
      ),
    get,
  };
}

async function getJson<T>(
  url: string,
  headers: Record<string, string>,
): Promise<T> {
  const response = await fetch(url, { headers });
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}`);
  }
  return response.json() as Promise<T>;
}
