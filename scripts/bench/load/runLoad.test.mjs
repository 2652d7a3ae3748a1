import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { once } from 'node:events';
import { runLoad } from './runLoad.mjs';

const STALL_MS = 200;
const DURATION_MS = 1_000;

/**
 * A server that accepts at once, but for `STALL_MS` after its first request it
 * answers nobody; so does a process that collects garbage.
 */
async function startStallingServer() {
  let held = [];
  let hasStalled = false;
  const answer = (request, response) => {
    request.resume().once('end', () => {
      if (held) {
        held.push(response);
        if (!hasStalled) {
          hasStalled = true;
          setTimeout(() => {
            const waiting = held;
            held = undefined;
            waiting.forEach(accept);
          }, STALL_MS);
        }
      } else {
        accept(response);
      }
    });
  };
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function accept(response) {
  const body = '{"accepted":1,"refused":0}';
  response.writeHead(200, { 'content-length': body.length });
  response.end(body);
}

async function measureWith(mode) {
  const server = await startStallingServer();
  try {
    return await runLoad({
      host: '127.0.0.1',
      port: server.address().port,
      path: '/',
      writeKey: 'key',
      eventTypes: ['bench.order'],
      batchSize: 1,
      connections: 2,
      warmUpMs: 0,
      durationMs: DURATION_MS,
      mode,
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test('an open load shows a stall with everything it delayed', async () => {
  const { requests, accepted, latencyMs, statuses } = await measureWith({
    kind: 'open',
    requestsPerSecond: 400,
    arrival: 'fixed',
  });
  assert.equal(requests, 400);
  assert.equal(accepted, 400);
  assert.deepEqual(statuses, { 200: 400 });
  // A fifth of all requests was due while the server stalled.
  assert.ok(latencyMs.p99 > STALL_MS * 0.8, `p99 ${latencyMs.p99} ms`);
  assert.ok(latencyMs.p90 > STALL_MS * 0.3, `p90 ${latencyMs.p90} ms`);
});

test('a closed load does not: it sends nothing that could be late', async () => {
  const { latencyMs, requests } = await measureWith({ kind: 'closed' });
  assert.ok(requests > 200, `only ${requests} requests`);
  assert.ok(latencyMs.max > STALL_MS * 0.8, `max ${latencyMs.max} ms`);
  assert.ok(latencyMs.p99 < STALL_MS * 0.5, `p99 ${latencyMs.p99} ms`);
});

test('what is refused or cut off is counted and never taken for accepted', async () => {
  let number = 0;
  const server = http
    .createServer((request, response) => {
      request.resume().once('end', () => {
        number += 1;
        if (number % 3 === 0) {
          request.socket.destroy();
        } else if (number % 3 === 1) {
          const body = '{"accepted":0,"refused":1,"failed":[]}';
          response.writeHead(400, { 'content-length': body.length });
          response.end(body);
        } else {
          accept(response);
        }
      });
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { overall, unanswered } = await runLoad({
    host: '127.0.0.1',
    port: server.address().port,
    path: '/',
    writeKey: 'key',
    eventTypes: ['bench.order'],
    batchSize: 1,
    connections: 4,
    warmUpMs: 0,
    durationMs: 300,
    mode: { kind: 'open', requestsPerSecond: 100, arrival: 'fixed' },
  });
  server.close();
  server.closeAllConnections();
  assert.equal(unanswered, 0);
  assert.equal(overall.requests, 30);
  assert.equal(overall.accepted, overall.statuses[200]);
  assert.equal(overall.refused, overall.statuses[400]);
  const cut = Object.values(overall.broken).reduce(
    (sum, each) => sum + each,
    0,
  );
  assert.equal(overall.accepted + overall.refused + cut, 30);
  assert.ok(cut >= 8, `${cut} were cut off`);
});
