import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedEvent {
  id: string;
  type: string;
  source: string;
  producer: string;
  epoch: string;
  sequence: number;
  data: unknown;
}

export interface ReceivedRequest {
  headers: IncomingMessage['headers'];
  url?: string;
  events: ReceivedEvent[];
}

type Behaviour = (request: ReceivedRequest, response: ServerResponse) => void;

export interface GatewayServer {
  url: string;
  requests: ReceivedRequest[];
  stop(): Promise<void>;
}

export const accept: Behaviour = ({ events }, response) => {
  reply(response, 200, {
    status: 'stored',
    receipt: 'receipt',
    accepted: events.length,
    refused: 0,
    failed: [],
  });
};

/**
 * A real HTTP server that answers as scripted: the first request gets the first
 * behaviour and so on; later ones are accepted.
 */
export async function startGatewayServer(
  ...script: Behaviour[]
): Promise<GatewayServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const isGzip = request.headers['content-encoding'] === 'gzip';
      const received = {
        headers: request.headers,
        url: request.url,
        events: JSON.parse(String(isGzip ? gunzipSync(body) : body)),
      };
      requests.push(received);
      (script.shift() ?? accept)(received, response);
    });
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with an error of the whole request. */
export function fail(
  status: number,
  reason: string,
  headers: Record<string, string> = {},
): Behaviour {
  return (_request, response) =>
    reply(response, status, { error: { reason, message: 'No.' } }, headers);
}

/** Refuses or postpones the events at some indexes. */
export function mixed(failures: Record<number, 'refuse' | 'retry'>): Behaviour {
  return ({ events }, response) => {
    const failed = Object.entries(failures).map(([index, action]) => ({
      index: Number(index),
      id: events[Number(index)].id,
      reason: action === 'retry' ? 'broker_unavailable' : 'missing_field',
      pointer: action === 'retry' ? undefined : '/data/a',
      message: 'No.',
      retriable: action === 'retry',
    }));
    reply(response, 207, {
      status: 'partial',
      receipt: 'receipt',
      accepted: events.length - failed.length,
      refused: failed.filter(each => !each.retriable).length,
      failed,
    });
  };
}

/** Begins a cheerful reply and cuts the connection in the middle of it. */
export const cutMidReply: Behaviour = ({ events }, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(`{"status":"stored","accepted":${events.length},`, () => {
    response.socket?.destroy();
  });
};

export const neverAnswer: Behaviour = () => {};

export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
  });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
