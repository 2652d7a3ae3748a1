import { isDeepStrictEqual } from 'node:util';
import { githubEventTypes, GithubEventType } from './eventTypes';
import { Portal, PortalError, signIn } from './portal';
import { waitFor, WaitTimeoutError } from './waiting';
import { createWriteKey, readWriteKey, WriteKey } from './writeKey';

/** Where to register, and as whom. */
export interface RegisterOptions {
  portalUrl: string;
  gatewayUrl: string;
  /** Folder for the write key, which the portal shows only once. */
  dataDir: string;
  /** A demo identity of the portal that belongs to the owning group. */
  identity?: string;
  /** How often to ask again while something is not ready; milliseconds. */
  pollMs?: number;
  /** How long delivery may take to take up new event types; milliseconds. */
  provisionTimeoutMs?: number;
  log?: (message: string) => void;
  signal?: AbortSignal;
}

/** What is needed to send. */
export interface Registration {
  eventTypes: string[];
  writeKey: string;
}

const DEFAULT_IDENTITY = 'user:default/owner';
const DEFAULT_POLL_MS = 500;
const DEFAULT_PROVISION_TIMEOUT_MS = 120_000;

/**
 * Registers the GitHub event types, gets a write key for them and returns when
 * the gateway takes both. Waits for the portal as long as it takes, and may be
 * called again at any time: what is there already is kept.
 */
export async function registerGithubEventTypes(
  options: RegisterOptions,
): Promise<Registration> {
  const { signal, dataDir, log = () => {} } = options;
  const pollMs = options.pollMs ?? DEFAULT_POLL_MS;
  const timeoutMs = options.provisionTimeoutMs ?? DEFAULT_PROVISION_TIMEOUT_MS;
  const declarations = githubEventTypes();
  const eventTypes = declarations.map(({ name }) => name);

  const portal = await waitFor(
    () => retryLater(() => signInAs(options), signal),
    { what: 'the portal', pollMs, signal },
  );
  for (const declaration of declarations) {
    const outcome = await waitFor(
      () => retryLater(() => registerOne(portal, declaration), signal),
      { what: 'the registration of event types', pollMs, timeoutMs, signal },
    );
    if (outcome === 'differs') {
      log(`${declaration.name} is registered with another schema; keeping it`);
    }
  }
  log(`${eventTypes.length} event types are registered`);

  const create = () =>
    waitFor(
      () =>
        retryLater(() => createWriteKey(portal, dataDir, eventTypes), signal),
      { what: 'a write key', pollMs, timeoutMs, signal },
    );
  const kept = await readWriteKey(dataDir, eventTypes);
  let key = kept ?? (await create());
  const waiting = { pollMs, timeoutMs, signal };
  await waitForProvisioning(portal, eventTypes, waiting);
  await waitForRollout(portal, waiting);
  try {
    await waitForGateway(options.gatewayUrl, key, waiting);
  } catch (error) {
    // A kept key that is never taken belongs to a portal that is no more.
    if (!kept || !(error instanceof WaitTimeoutError)) {
      throw error;
    }
    log('The write key kept on disk is not known any more; creating another');
    key = await create();
    await waitForGateway(options.gatewayUrl, key, waiting);
  }
  log('The gateway takes the event types and the write key');
  return { eventTypes, writeKey: key.writeKey };
}

function signInAs(options: RegisterOptions): Promise<Portal> {
  return signIn({
    portalUrl: options.portalUrl,
    identity: options.identity ?? DEFAULT_IDENTITY,
    signal: options.signal,
  });
}

/** Turns "not up yet" into `undefined`; refusals are thrown on. */
async function retryLater<T>(
  action: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    signal?.throwIfAborted();
    const isTransient =
      error instanceof PortalError
        ? error.isTransient
        : error instanceof TypeError ||
          (error instanceof Error && error.name === 'TimeoutError');
    if (isTransient) {
      return undefined;
    }
    throw error;
  }
}

async function registerOne(
  portal: Portal,
  declaration: GithubEventType,
): Promise<'created' | 'kept' | 'differs'> {
  const path = '/api/event-types/event-types';
  const answer = await portal.call('POST', path, declaration);
  if (answer.status === 201) {
    return 'created';
  }
  if (answer.status !== 409) {
    throw new PortalError(`register ${declaration.name}`, answer);
  }
  const existing = await portal.call('GET', `${path}/${declaration.name}`);
  if (existing.status !== 200) {
    throw new PortalError(`read ${declaration.name}`, existing);
  }
  const { schema } = existing.body as { schema?: unknown };
  return isDeepStrictEqual(schema, toPlainJson(declaration.schema))
    ? 'kept'
    : 'differs';
}

function toPlainJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

interface Waiting {
  pollMs: number;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Waits until topic and subscription of every event type exist. */
async function waitForProvisioning(
  portal: Portal,
  eventTypes: readonly string[],
  waiting: Waiting,
): Promise<void> {
  const isProvisioned = async () => {
    const answer = await portal.call('GET', '/api/delivery/overview');
    if (answer.status !== 200) {
      throw new PortalError('read the delivery overview', answer);
    }
    const provisioned = new Set(
      readRows(answer.body)
        .filter(row =>
          row.conditions?.some(
            ({ type, reached }) => type === 'Provisioned' && reached,
          ),
        )
        .map(row => row.eventType),
    );
    return eventTypes.every(name => provisioned.has(name)) || undefined;
  };
  await waitFor(() => retryLater(isProvisioned, waiting.signal), {
    ...waiting,
    what: 'the provisioning of the event types',
  });
}

interface OverviewRow {
  eventType?: string;
  conditions?: { type: string; reached: boolean }[];
}

function readRows(body: unknown): OverviewRow[] {
  const items = Array.isArray(body)
    ? body
    : (body as { items?: unknown } | undefined)?.items;
  return Array.isArray(items) ? items : [];
}

/** Waits until every gateway that is alive runs the newest configuration. */
async function waitForRollout(portal: Portal, waiting: Waiting): Promise<void> {
  const isRolledOut = async () => {
    const answer = await portal.call('GET', '/api/delivery/status');
    if (answer.status !== 200) {
      throw new PortalError('read the delivery status', answer);
    }
    const { generation, gateways = [] } = answer.body as DeliveryStatus;
    const alive = gateways.filter(gateway => gateway.alive);
    return (
      (generation !== undefined &&
        alive.length > 0 &&
        alive.every(gateway => (gateway.generation ?? 0) >= generation)) ||
      undefined
    );
  };
  await waitFor(() => retryLater(isRolledOut, waiting.signal), {
    ...waiting,
    what: 'the gateways to take the newest configuration',
  });
}

interface DeliveryStatus {
  generation?: number;
  gateways?: { alive: boolean; generation?: number }[];
}

/**
 * Waits until the gateway knows the write key. The question is a batch
 * without events: whatever the answer, only an unknown key gives 401.
 */
async function waitForGateway(
  gatewayUrl: string,
  key: WriteKey,
  waiting: Waiting,
): Promise<void> {
  const knowsKey = async () => {
    const response = await fetch(new URL('/v1/events', gatewayUrl), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key.writeKey}`,
        'content-type': 'application/cloudevents-batch+json',
      },
      body: '[]',
      signal: waiting.signal,
    });
    await response.arrayBuffer();
    return (response.status !== 401 && response.status < 500) || undefined;
  };
  await waitFor(() => retryLater(knowsKey, waiting.signal), {
    ...waiting,
    what: 'the gateway to take the write key',
  });
}
