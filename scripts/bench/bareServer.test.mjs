import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { createScope } from './bed/scope.mjs';
import { startBareServer } from './limits/bareServer.mjs';
import { runLoad } from './load/runLoad.mjs';

const context = { node: process.execPath, env: process.env };

for (const { processes, batchSize, isMisfit } of [
  { processes: 1, batchSize: 500 },
  { processes: 2, batchSize: 500 },
  { processes: 2, batchSize: 1 },
  { processes: 1, batchSize: 10, isMisfit: true },
]) {
  test(`the bare server with ${processes} processes keeps what it answers for, ${batchSize} ${
    isMisfit ? 'misfitting' : 'good'
  } events at a time`, async t => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-bare-'));
    const scope = createScope();
    t.after(async () => {
      await scope.end();
      fs.rmSync(dir, { recursive: true });
    });
    const options = { dir, processes };
    const { target } = await startBareServer({ ...context, scope }, options);
    const { overall, unanswered } = await runLoad({
      ...target,
      eventTypes: ['bench.order'],
      isMisfit,
      batchSize,
      connections: 8,
      warmUpMs: 0,
      durationMs: 300,
      mode: { kind: 'open', requestsPerSecond: 50, arrival: 'fixed' },
    });
    const files = fs
      .readdirSync(dir)
      .filter(name => /^commits-\d+$/.test(name));
    const kept = files
      .flatMap(name => framesOf(fs.readFileSync(path.join(dir, name))))
      .join('');
    const ids = new Set(kept.match(/"id":"[^"]+"/g));

    assert.equal(unanswered, 0);
    assert.equal(files.length, processes);
    assert.deepEqual(overall.statuses, { 200: 15 });
    assert.equal(overall.accepted, isMisfit ? 0 : 15 * batchSize);
    assert.equal(ids.size, 15 * batchSize);
  });
}

/** What each zstd frame holds; Node decompresses the first of several only. */
function framesOf(data) {
  const texts = [];
  for (let at = 0; at < data.length; ) {
    const rest = data.subarray(at);
    const { buffer, engine } = zstdDecompressSync(rest, { info: true });
    texts.push(buffer.toString());
    at += engine.bytesWritten;
  }
  return texts;
}
