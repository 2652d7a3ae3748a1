// `npm run faults -- compatibility` in small, and with judges that are wrong.
import assert from 'node:assert/strict';
import test from 'node:test';
import { tryPairs } from './compatibility.mjs';

test('no verdict on a generated pair is contradicted by what reads', async () => {
  const figures = await tryPairs({ pairs: 300, seed: 1 });
  assert.deepEqual([figures.disagreements, figures.pairs], [0, 300]);
  assert.equal(figures.compatible + figures.incompatible, 600);
  assert.ok(figures.valuesRead > 300, 'values were read');
  assert.ok(figures.unreadByGateway > 50, 'witnesses were refused');
});

test('a judge that lets everything pass is contradicted, with a seed to repeat it', async () => {
  const said = [];
  const { disagreements } = await tryPairs({
    pairs: 60,
    seed: 7,
    judge: ({ mode }) => ({ mode, isCompatible: true, differences: [] }),
    onProgress: line => said.push(line),
  });
  assert.equal(disagreements, 1);
  assert.match(said.join('\n'), /does not read \(gateway\)/);
  assert.match(said.join('\n'), /--seed 7/);
});

test('a judge that lets nothing pass is contradicted', async () => {
  const { disagreements } = await tryPairs({
    pairs: 60,
    seed: 1,
    judge: ({ mode }) => ({ mode, isCompatible: false, differences: [] }),
  });
  assert.equal(disagreements, 1);
});
