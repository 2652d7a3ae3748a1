import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';
import { RequestError } from '../errors';
import { GatewayLimits, GatewayLogger } from '../options';
import { IncomingRequest } from './incomingRequest';
import { InFlightBytes } from './inFlightBytes';
import { RequestAborted } from './readBody';
import { GatewayRequest, Reply, Route } from './types';

/** @see startHttpServer */
export interface HttpServerOptions {
  host: string;
  port: number;
  limits: GatewayLimits;
  logger: GatewayLogger;
  routes: readonly Route[];
  /** The address of the sender as it may be believed. */
  addressOf(peer: string, forwardedFor: string | undefined): string;
  /** Where the bytes of bodies being worked on are counted and bounded. */
  inFlight: InFlightBytes;
  /** Called after each answer; `path` is one of the route table, or empty. */
  onAnswer(path: string, status: number, seconds: number): void;
}

/** A listening server. */
export interface HttpServer {
  port: number;
  /** Takes no new connection; resolves when every reply is out. */
  stop(): Promise<void>;
}

/** Methods and handlers of one path. */
type Handlers = Map<string, Route>;

/** What is read and dropped of a body nobody wants, so its sender can finish. */
const MAX_DROPPED_BYTES = 32 * 1024 * 1024;
/** A sender that trickles its request is cut off after this. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Above the 60 s that load balancers commonly keep idle connections. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Serves a route table. A trailing slash is accepted and never redirected: some
 * clients take a redirect for success. Every error is answered in JSON. Pages
 * of any origin may post events: a write key is all it takes, and no cookie is
 * looked at.
 */
export async function startHttpServer(
  options: HttpServerOptions,
): Promise<HttpServer> {
  const { limits, logger, onAnswer, inFlight } = options;
  const table = tableOf(options.routes);
  let isStopping = false;

  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: 20_000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5_000,
    },
    async (message, response) => {
      // The reply may be sent before a broken connection is noticed.
      response.on('error', () => {});
      message.on('error', () => {});
      const startedAt = performance.now();
      const reservation = inFlight.open();
      const request = new IncomingRequest(message, reservation, options);
      const handlers = table.get(request.path);
      let status = 0;
      try {
        const reply = await handle(request, handlers);
        status = reply.status;
        send(message, response, reply, isStopping);
      } catch (error) {
        if (error instanceof RequestAborted) {
          response.destroy();
        } else {
          const reply = replyOf(error, logger);
          status = reply.status;
          send(message, response, reply, isStopping);
        }
      } finally {
        reservation.release();
        const seconds = (performance.now() - startedAt) / 1000;
        onAnswer(handlers ? request.path : '', status, seconds);
      }
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      isStopping = true;
      return closeServer(server, limits.drainTimeoutMs);
    },
  };
}

function tableOf(routes: readonly Route[]): Map<string, Handlers> {
  const table = new Map<string, Handlers>();
  for (const route of routes) {
    const handlers = table.get(route.path) ?? new Map();
    handlers.set(route.method, route);
    table.set(route.path, handlers);
  }
  return table;
}

async function handle(
  request: GatewayRequest,
  handlers: Handlers | undefined,
): Promise<Reply> {
  if (!handlers) {
    throw new RequestError('not_found', 'Events go to POST /v1/events');
  }
  if (request.method === 'OPTIONS') {
    return { status: 204, body: '', headers: preflight(handlers) };
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = handlers.get(method);
  if (!route) {
    const allow = [...handlers.keys()].join(', ');
    throw new RequestError('method_not_allowed', `This path takes ${allow}`, {
      headers: { allow },
    });
  }
  return route.handle(request);
}

function preflight(handlers: Handlers): Record<string, string> {
  return {
    'access-control-allow-methods': [...handlers.keys()].join(', '),
    'access-control-allow-headers':
      'authorization, content-type, content-encoding, x-write-key, idempotency-key',
    'access-control-max-age': '86400',
  };
}

function replyOf(error: unknown, logger: GatewayLogger): Reply {
  if (error instanceof RequestError) {
    const { status, reason, message, headers, limit } = error;
    return { status, body: { error: { reason, message, limit } }, headers };
  }
  logger.error(
    `A request failed: ${error instanceof Error ? error.stack : error}`,
  );
  const reason = 'internal_error';
  const message = 'The gateway failed; send the same events again';
  return { status: 500, body: { error: { reason, message } } };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  isLast: boolean,
): void {
  const { body: content } = reply;
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  response.writeHead(reply.status, {
    'content-type': 'application/json; charset=utf-8',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'retry-after, ratelimit, ratelimit-policy',
    'content-length': Buffer.byteLength(body),
    ...(isLast && { connection: 'close' }),
    ...reply.headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  if (!request.complete) {
    dropRest(request);
  }
}

/**
 * Reads on for a while: closing at once would reset the connection while the
 * sender still writes, and it would never see the reply.
 */
function dropRest(request: IncomingMessage): void {
  let dropped = 0;
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > MAX_DROPPED_BYTES) {
      request.destroy();
    }
  });
}

async function closeServer(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>(resolve => {
    server.close(() => resolve());
  });
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearTimeout(cut);
}
