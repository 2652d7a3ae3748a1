import assert from 'node:assert/strict';
import test from 'node:test';
import { explainFailure } from './errors.mjs';

const causes = {
  'getaddrinfo ENOTFOUND registry.example': /registry cannot be reached/,
  'YN0001: │ RequestError: connect ECONNREFUSED': /registry cannot be reached/,
  'ENOSPC: no space left on device, write': /disk is full/,
  "EACCES: permission denied, mkdir '/x'": /may not be written/,
  'FATAL ERROR: JavaScript heap out of memory': /out of memory/,
};

for (const [output, why] of Object.entries(causes)) {
  test(`a command that prints '${output}' is explained`, () => {
    const error = explainFailure({ what: 'It failed.', output, log: 'a.log' });
    assert.match(error.why, why);
    assert.match(String(error), /It failed[^]*Why:[^]*Do:[^]*a\.log/);
  });
}

test('a command that failed for an unknown reason shows its last line and the log', () => {
  const error = explainFailure({
    what: 'It failed.',
    output: 'first\nlast words\n',
    log: 'a.log',
  });
  assert.equal(error.why, 'last words');
});

test('a command that the system killed is explained by the memory', () => {
  const error = explainFailure({
    what: 'It failed.',
    output: 'building',
    signal: 'SIGKILL',
    log: 'a.log',
  });
  assert.match(error.why, /out of memory/);
});
