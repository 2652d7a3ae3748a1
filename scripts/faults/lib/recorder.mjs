import http from 'node:http';
import { gunzipSync } from 'node:zlib';

/**
 * Stands between the sender and the gateway and writes down, for every event,
 * each time it was sent and what the gateway answered to it. It passes requests
 * and replies on byte for byte; where the gateway gives none, the sender's
 * connection is cut as the gateway's was.
 *
 * This is the ground truth about repeats: an event may be on the broker as
 * often as it was sent without having been answered.
 *
 * @param {{ gatewayPort: number,
 *   onSend: (id: string) => (answer: Answer) => void }} options
 * @typedef {{ outcome: 'accepted' | 'refused' | 'retriable' | 'none',
 *   reason?: string, status?: number }} Answer
 */
export async function startRecorder({ gatewayPort, onSend }) {
  const agent = new http.Agent({ keepAlive: true });
  const statuses = new Map();
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // The sender died half-way: the gateway gets nothing of it.
      return;
    }
    const body = Buffer.concat(chunks);
    const events = eventsOf(body, request.headers['content-encoding']);
    const settle = events.map(({ id }) => onSend(id));
    const failAll = () => settle.forEach(each => each({ outcome: 'none' }));
    const upstream = http.request({
      host: '127.0.0.1',
      port: gatewayPort,
      agent,
      method: request.method,
      path: request.url,
      headers: request.headers,
    });
    upstream.on('error', () => {
      failAll();
      response.destroy();
    });
    upstream.on('response', async reply => {
      const parts = [];
      try {
        for await (const part of reply) parts.push(part);
      } catch {
        failAll();
        response.destroy();
        return;
      }
      const answer = Buffer.concat(parts);
      const { statusCode: status } = reply;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const answers = answersOf(status, answer, events.length);
      settle.forEach((each, index) => each({ status, ...answers[index] }));
      response.writeHead(status, reply.rawHeaders);
      response.end(answer);
    });
    upstream.end(body);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    port: server.address().port,
    /** How often each status was answered. */
    statuses,
    close() {
      agent.destroy();
      server.closeAllConnections();
      return new Promise(resolve => server.close(resolve));
    },
  };
}

function eventsOf(body, encoding) {
  try {
    const text = encoding === 'gzip' ? gunzipSync(body) : body;
    const parsed = JSON.parse(text.toString());
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    return [];
  }
}

/** What one reply of `POST /v1/events` says about each event of its request. */
export function answersOf(status, body, count) {
  let reply;
  try {
    reply = JSON.parse(body.toString());
  } catch {
    reply = {};
  }
  if (!Array.isArray(reply.failed)) {
    return Array.from({ length: count }, () => ({ outcome: 'none' }));
  }
  const answers = Array.from({ length: count }, () => ({
    // A reply that says it failed promises nothing about what it leaves out.
    outcome: status < 300 || status === 400 ? 'accepted' : 'none',
  }));
  for (const { index, reason, pointer, retriable } of reply.failed) {
    answers[index] = {
      outcome: retriable ? 'retriable' : 'refused',
      reason,
      pointer,
    };
  }
  return answers;
}
