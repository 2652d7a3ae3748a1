import {
  createServer,
  IncomingMessage,
  request as httpRequest,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';

/** What happens to a request on its way to the gateway. */
export type Fault =
  | 'none'
  /** The connection breaks before the gateway has seen the request. */
  | 'reset'
  /** The gateway has done its work, and its reply never arrives. */
  | 'swallowReply'
  | 'overloaded'
  | 'rateLimited';

export interface FaultyFront {
  url: string;
  /** How often each fault struck. */
  struck: Record<Fault, number>;
  stop(): Promise<void>;
}

/**
 * Stands in front of a gateway and lets the faults strike in turn, one request
 * after the other.
 */
export async function startFaultyFront(options: {
  gatewayPort: number;
  faults: readonly Fault[];
}): Promise<FaultyFront> {
  const { gatewayPort, faults } = options;
  const struck: Record<Fault, number> = {
    none: 0,
    reset: 0,
    swallowReply: 0,
    overloaded: 0,
    rateLimited: 0,
  };
  let requests = 0;

  const server = createServer(async (request, response) => {
    const fault = faults[requests % faults.length];
    requests += 1;
    struck[fault] += 1;
    const body = await read(request);
    switch (fault) {
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'overloaded':
        refuse(response, 503, 'overloaded');
        return;
      case 'rateLimited':
        refuse(response, 429, 'rate_limited');
        return;
      default: {
        const reply = await forward(gatewayPort, request, body);
        if (fault === 'swallowReply') {
          request.socket.resetAndDestroy();
          return;
        }
        response.writeHead(reply.status, reply.headers);
        response.end(reply.body);
      }
    }
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    struck,
    stop: async () => {
      server.closeAllConnections();
      await new Promise(resolve => {
        server.close(resolve);
      });
    },
  };
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, status: number, reason: string) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'retry-after': '1',
  });
  response.end(JSON.stringify({ error: { reason, message: 'Later' } }));
}

async function forward(port: number, original: IncomingMessage, body: Buffer) {
  const { method, url: path, headers } = original;
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const { 'transfer-encoding': _chunked, ...kept } = headers;
    httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...kept, 'content-length': body.length },
    })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
  const { connection: _connection, ...kept } = reply.headers;
  return {
    status: reply.statusCode ?? 0,
    headers: kept,
    body: await read(reply),
  };
}
