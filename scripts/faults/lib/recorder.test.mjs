import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { answersOf, startRecorder } from './recorder.mjs';

const outcomes = (status, body) =>
  answersOf(status, Buffer.from(body), 3).map(({ outcome }) => outcome);

test('a reply is read event by event', () => {
  const reply = JSON.stringify({
    failed: [
      { index: 1, reason: 'wrong_type', pointer: '/data/n', retriable: false },
      { index: 2, reason: 'broker_unavailable', retriable: true },
    ],
  });
  assert.deepEqual(outcomes(207, reply), ['accepted', 'refused', 'retriable']);
});

test('a reply that names no events promises nothing', () => {
  for (const [status, body] of [
    [503, '{"error":{"reason":"not_ready"}}'],
    [200, 'OK'],
    [502, '<html>'],
    [503, '{"failed":[]}'],
  ]) {
    assert.deepEqual(outcomes(status, body), ['none', 'none', 'none'], body);
  }
});

test('what is sent and answered is written down, and a cut connection as no answer', async t => {
  let isCut = false;
  const gateway = http.createServer((request, response) => {
    if (isCut) request.socket.destroy();
    else response.end('{"status":"stored","failed":[]}');
  });
  await new Promise(resolve => gateway.listen(0, '127.0.0.1', resolve));
  const sends = [];
  const recorder = await startRecorder({
    gatewayPort: gateway.address().port,
    onSend: id => {
      const attempt = { id };
      sends.push(attempt);
      return answer => Object.assign(attempt, answer);
    },
  });
  t.after(async () => {
    await recorder.close();
    gateway.close();
  });
  const post = () =>
    fetch(`${recorder.url}/v1/events`, {
      method: 'POST',
      body: JSON.stringify([{ id: 'a' }, { id: 'b' }]),
    });
  assert.equal((await post()).status, 200);
  isCut = true;
  await assert.rejects(post());
  assert.deepEqual(
    sends.map(({ id, outcome }) => `${id} ${outcome}`),
    ['a accepted', 'b accepted', 'a none', 'b none'],
  );
});
