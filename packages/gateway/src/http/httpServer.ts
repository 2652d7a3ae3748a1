import {
  createServer,
  IncomingHttpHeaders,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';
import { RequestError } from '../errors';
import { GatewayLimits, GatewayLogger } from '../options';
import { InFlightBytes } from './inFlightBytes';
import { readBody, RequestAborted } from './readBody';

/** A reply; the body is sent as JSON. */
export interface Reply {
  status: number;
  body: object;
  headers?: Readonly<Record<string, string>>;
}

/** A request whose body is read when, and only if, it is asked for. */
export interface EventsRequest {
  headers: IncomingHttpHeaders;
  readBody(isGzip: boolean): Promise<Buffer>;
}

/** @see startHttpServer */
export interface HttpServerOptions {
  host: string;
  port: number;
  limits: GatewayLimits;
  logger: GatewayLogger;
  receiveEvents(request: EventsRequest): Promise<Reply>;
  readiness(): Reply;
}

/** A listening server. */
export interface HttpServer {
  port: number;
  /** Takes no new connection; resolves when every reply is out. */
  stop(): Promise<void>;
}

/** What is read and dropped of a body nobody wants, so its sender can finish. */
const MAX_DROPPED_BYTES = 32 * 1024 * 1024;
/** A sender that trickles its request is cut off after this. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Above the 60 s that load balancers commonly keep idle connections. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Routes
 *
 *   POST /v1/events   events in, a verdict per event out
 *   GET  /healthz     the process is alive
 *   GET  /readyz      it has a config snapshot and the broker answers
 *
 * A trailing slash is accepted and never redirected: some clients take a
 * redirect for success. Every reply, errors included, is JSON.
 */
export async function startHttpServer(
  options: HttpServerOptions,
): Promise<HttpServer> {
  const inFlight = new InFlightBytes(options.limits.maxInFlightBytes);
  let isStopping = false;

  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: 20_000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5_000,
    },
    async (request, response) => {
      // The reply may be sent before a broken connection is noticed.
      response.on('error', () => {});
      request.on('error', () => {});
      const reservation = inFlight.open();
      try {
        const reply = await route(request, options, isGzip =>
          readBody(request, isGzip, options.limits, reservation),
        );
        send(request, response, reply, isStopping);
      } catch (error) {
        if (error instanceof RequestAborted) {
          response.destroy();
        } else {
          const reply = replyOf(error, options.logger);
          send(request, response, reply, isStopping);
        }
      } finally {
        reservation.release();
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
      return closeServer(server, options.limits.drainTimeoutMs);
    },
  };
}

async function route(
  request: IncomingMessage,
  options: HttpServerOptions,
  read: (isGzip: boolean) => Promise<Buffer>,
): Promise<Reply> {
  const path = (request.url ?? '').split('?')[0].replace(/(?<=.)\/$/, '');
  switch (path) {
    case '/v1/events':
      allowMethods(request, 'POST');
      return options.receiveEvents({
        headers: request.headers,
        readBody: read,
      });
    case '/healthz':
      allowMethods(request, 'GET', 'HEAD');
      return { status: 200, body: { status: 'ok' } };
    case '/readyz':
      allowMethods(request, 'GET', 'HEAD');
      return options.readiness();
    default:
      throw new RequestError('not_found', 'Events go to POST /v1/events');
  }
}

function allowMethods(request: IncomingMessage, ...methods: string[]): void {
  if (!methods.includes(request.method ?? '')) {
    throw new RequestError(
      'method_not_allowed',
      `This path takes ${methods.join(' and ')}`,
      { allow: methods.join(', ') },
    );
  }
}

function replyOf(error: unknown, logger: GatewayLogger): Reply {
  if (error instanceof RequestError) {
    const { status, reason, message, headers } = error;
    return { status, body: { error: { reason, message } }, headers };
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
  const body = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'content-type': 'application/json; charset=utf-8',
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
