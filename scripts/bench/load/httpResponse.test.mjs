import assert from 'node:assert/strict';
import test from 'node:test';
import { createReplyReader, readCount } from './httpResponse.mjs';

const reply = (status, body, more = '') =>
  `HTTP/1.1 ${status} Something\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(
    body,
  )}\r\n${more}\r\n${body}`;

function read(chunks) {
  const replies = [];
  const reader = createReplyReader(each => replies.push(each));
  chunks.forEach(chunk => reader(Buffer.from(chunk)));
  return replies;
}

const TWO = `${reply(200, '{"accepted":500}')}${reply(
  503,
  '{"accepted":0}',
  'Connection: close\r\n',
)}`;
const EXPECTED = [
  { status: 200, body: '{"accepted":500}', isLast: false },
  { status: 503, body: '{"accepted":0}', isLast: true },
];

test('two replies are read wherever the pieces are cut', () => {
  assert.deepEqual(read([TWO]), EXPECTED);
  assert.deepEqual(read([...TWO]), EXPECTED);
  for (let at = 1; at < TWO.length; at++) {
    assert.deepEqual(read([TWO.slice(0, at), TWO.slice(at)]), EXPECTED);
  }
});

test('the length of a body is counted in bytes', () => {
  const body = '{"message":"größer als erlaubt","accepted":3}';
  const replies = read([reply(207, body), reply(200, '{"accepted":4}')]);
  assert.deepEqual(
    replies.map(each => readCount(each.body, 'accepted')),
    [3, 4],
  );
});

test('a reply without a length is an error and no guess', () => {
  assert.throws(
    () =>
      read(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']),
    /cannot read/,
  );
  assert.throws(() => read(['SSH-2.0-OpenSSH\r\n\r\n']), /cannot read/);
});

test('a count that is not there is none', () => {
  assert.equal(readCount('{"accepted":12,"refused":3}', 'refused'), 3);
  assert.equal(readCount('{"error":{"reason":"overloaded"}}', 'accepted'), 0);
});
