import { createServer, IncomingMessage } from 'node:http';
import { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** One request as a stand-in for the portal or the gateway sees it. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export interface Answer {
  status: number;
  body: unknown;
}

/** Serves JSON on a free port; an answer of `undefined` is never sent. */
export async function startServer(
  answer: (request: ReceivedRequest) => Answer | undefined,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const hasBody = request.method === 'POST';
    const result = answer({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: hasBody ? await json(request) : undefined,
    });
    if (result) {
      response.writeHead(result.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(result.body));
    }
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
