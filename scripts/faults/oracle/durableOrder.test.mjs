import assert from 'node:assert/strict';
import test from 'node:test';
import { checkDurableOrder } from './durableOrder.mjs';

const lab = { dir: '/lab', lakeRoot: '/lab/lake' };
const staged = '/lab/staging/shop.order/0123456789abcdef01234567.ndjson.zst';
const incoming = '/lab/lake/.incoming/0123456789abcdef01234567';
const object = '/lab/lake/shop.order/dt=2026-01-01/hh=00/r0001/part.parquet';
const call = (name, target, paths = [target]) => ({
  call: name,
  target,
  paths,
});

const GOOD = [
  call('writev', staged),
  call('fsync', staged),
  call('fsync', '/lab/staging/shop.order'),
  call('copy_file_range', incoming),
  call('fsync', incoming),
  call('link', object, [incoming, object]),
  call('fsync', '/lab/lake/shop.order/dt=2026-01-01/hh=00/r0001'),
  call('unlink', incoming),
  // What the worker does afterwards.
  ...Array.from({ length: 9 }, () => call('write', '/lab/other')),
];

test('files that are flushed before they count are clean', () => {
  assert.deepEqual(checkDurableOrder(GOOD, lab), {
    staged: 1,
    placed: 1,
    problems: [],
  });
});

const without = index => GOOD.filter((_, at) => at !== index);
const FLAWS = {
  'a staged file that is not flushed is found': [
    without(1),
    /staging.* was never flushed/,
  ],
  'a staging folder that is not flushed is found': [
    without(2),
    /folder of staging.* was never flushed/,
  ],
  'a file of the lake that is named before it is flushed is found': [
    without(4),
    /named before it was flushed/,
  ],
  'a folder of the lake that is not flushed is found': [
    without(6),
    /folder of lake.* was never flushed/,
  ],
  'a name that replaces another is found': [
    [...GOOD.slice(0, 5), call('rename', object, [incoming, object])],
    /got its name by a rename/,
  ],
  'a file that is taken out of the lake is found': [
    [...GOOD, call('unlink', object)],
    /was taken out of the lake/,
  ],
};
for (const [name, [calls, pattern]] of Object.entries(FLAWS)) {
  test(name, () => {
    assert.match(checkDurableOrder(calls, lab).problems.join('\n'), pattern);
  });
}
