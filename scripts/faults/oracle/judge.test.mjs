import assert from 'node:assert/strict';
import test from 'node:test';
import { findGhosts, judge } from './judge.mjs';

const sent = (more = {}) => ({
  id: 'a',
  type: 'shop.order',
  data: { n: 1 },
  expected: 'accepted',
  isKept: true,
  verdict: 'accepted',
  sends: [{ outcome: 'accepted' }],
  mayResend: false,
  mayRepeatBatch: false,
  ...more,
});
const refusedOne = more =>
  sent({
    expected: 'refused',
    verdict: 'refused',
    sends: [{ outcome: 'refused' }],
    ...more,
  });
const copy = (more = {}) => ({
  topic: 'event.shop.order',
  kind: 'event',
  messageId: '1',
  batch: 'b1',
  type: 'shop.order',
  data: { n: 1 },
  ...more,
});
const refusal = more => copy({ kind: 'refused', topic: 'refused', ...more });
const verdictOn = (entry, ...copies) =>
  judge([entry], new Map([['a', copies]]));

const clean = {
  'an accepted event that is there once': [sent(), [copy()]],
  'a refused event that is kept': [refusedOne(), [refusal()]],
  'an event that was sent twice because no answer came, and is there twice': [
    sent({ sends: [{ outcome: 'none' }, { outcome: 'accepted' }] }),
    [copy(), copy({ messageId: '2', batch: 'b2' })],
  ],
  'an event the queue never took, and nobody has': [
    sent({ isKept: false, verdict: undefined, sends: [] }),
    [],
  ],
  'an event that is sent again after its sender was killed': [
    sent({
      mayResend: true,
      sends: [{ outcome: 'accepted' }, { outcome: 'accepted' }],
    }),
    [copy(), copy({ messageId: '2', batch: 'b2' })],
  ],
  'a batch that is there twice because the broker was killed': [
    sent({ mayRepeatBatch: true }),
    [copy(), copy({ messageId: '2' })],
  ],
};
for (const [name, [entry, copies]] of Object.entries(clean)) {
  test(`${name} is clean`, () => {
    assert.deepEqual(verdictOn(entry, ...copies).problems, []);
  });
}

const flaws = {
  'an accepted event that is nowhere is lost': [
    sent(),
    [],
    /lost: a was accepted/,
    { lost: 1 },
  ],
  'an event is lost although its sender died before the answer came': [
    sent({ verdict: undefined }),
    [],
    /lost: a was accepted/,
    { lost: 1 },
  ],
  'an event that the queue had taken and nobody has is lost': [
    sent({ verdict: undefined, sends: [] }),
    [],
    /taken by the queue/,
    { lost: 1 },
  ],
  'a refused event that is kept nowhere is lost': [
    refusedOne(),
    [],
    /kept nowhere/,
    { lost: 1 },
  ],
  'an event that was sent once and is there twice is a duplicate': [
    sent(),
    [copy(), copy({ messageId: '2', batch: 'b2' })],
    /sent 1× and is there 2×/,
    { duplicates: 1 },
  ],
  'an event that is sent again after its answer is a duplicate': [
    sent({ sends: [{ outcome: 'accepted' }, { outcome: 'accepted' }] }),
    [copy()],
    /sent again after it had been answered/,
    { duplicates: 1 },
  ],
  'a batch that is there twice for no reason is a duplicate': [
    sent(),
    [copy(), copy({ messageId: '2' })],
    /in a batch that is there 2×/,
    { duplicates: 1 },
  ],
  'an event that never gets an answer is found': [
    sent({ verdict: undefined, sends: [{ outcome: 'none' }] }),
    [copy()],
    /stuck: a/,
    {},
  ],
  'a valid event that is refused is found': [
    sent({ verdict: 'refused', sends: [{ outcome: 'refused' }] }),
    [refusal()],
    /wrong: a is valid/,
    {},
  ],
  'an invalid event that is accepted is found': [
    sent({ expected: 'refused' }),
    [copy()],
    /wrong: a is not valid/,
    {},
  ],
  'an event with another content is found': [
    sent(),
    [copy({ data: { n: 2 } })],
    /changed: a/,
    {},
  ],
};
for (const [name, [entry, copies, pattern, counts]] of Object.entries(flaws)) {
  test(name, () => {
    const result = verdictOn(entry, ...copies);
    assert.match(result.problems.join('\n'), pattern);
    for (const [count, value] of Object.entries(counts)) {
      assert.equal(result[count], value, count);
    }
  });
}

test('an event that nobody sent is a ghost', () => {
  const copies = new Map([['b', [copy()]]]);
  assert.match(findGhosts(new Set(['a']), copies).join(), /ghost: b/);
});
