import {
  createServiceRoutes,
  InFlightBytes,
  Readiness,
  startHttpServer,
} from '../http';
import { EventsReply, Intake, receiveEvents } from '../intake';
import { ANY_KEY, silentLogger } from './fixtures';

export interface TestReply {
  status: number;
  headers: Headers;
  /** The body as text, to look for values that must not be in it. */
  text: string;
  body: EventsReply & {
    error?: { reason: string; message: string; limit?: object };
  };
}

export interface TestServer {
  url: string;
  post(
    body: unknown,
    headers?: Record<string, string | undefined>,
  ): Promise<TestReply>;
  stop(): Promise<void>;
}

/** Serves an intake over real HTTP. */
export async function startTestServer(
  intake: Intake,
  options: { readiness?: () => Readiness } = {},
): Promise<TestServer> {
  const ready = { generation: 1, broker: 'ok' as const, stopping: false };
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    limits: { ...intake.limits, drainTimeoutMs: 100 },
    logger: silentLogger,
    routes: [
      {
        method: 'POST',
        path: '/v1/events',
        handle: request => receiveEvents(request, intake),
      },
      ...createServiceRoutes({
        metrics: intake.metrics,
        readiness: options.readiness ?? (() => ready),
      }),
    ],
    addressOf: peer => peer,
    inFlight: new InFlightBytes(intake.limits),
    onAnswer: intake.metrics.request,
  });
  const url = `http://127.0.0.1:${server.port}`;
  return { url, post: createPost(url), stop: () => server.stop() };
}

/** Posts text and bytes as they are, and anything else as JSON. */
export function createPost(url: string): TestServer['post'] {
  return async (body, headers = {}) => {
    const all: Record<string, string | undefined> = {
      authorization: `Bearer ${ANY_KEY}`,
      'content-type': 'application/json',
      ...headers,
    };
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: Object.entries(all).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
      body:
        typeof body === 'string' || body instanceof Uint8Array
          ? body
          : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: JSON.parse(text),
    };
  };
}
