import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { replaceSection, writeReport } from './writeReport.mjs';

test('a section is replaced and everything else is left as it is', () => {
  const before = replaceSection(
    replaceSection('# Title\n\nBy hand.\n', 'ingest', '## ingest\n\nold'),
    'broker',
    '## broker',
  );
  const withNote = before.replace('By hand.', 'By hand, changed.');
  const after = replaceSection(withNote, 'ingest', '## ingest\n\nnew $& $1');
  assert.equal(
    after,
    withNote.replace('old', () => 'new $& $1'),
  );
  assert.equal(replaceSection(after, 'ingest', '## ingest\n\nold'), withNote);
});

test('a name that begins another name does not touch its section', () => {
  const both = replaceSection(
    replaceSection('# T', 'ingest-long', 'long'),
    'ingest',
    'short',
  );
  assert.match(replaceSection(both, 'ingest', 'changed'), /\nlong\n/);
});

test('damaged marks are an error: nothing is written over by guess', () => {
  const text = replaceSection('# T', 'ingest', 'old');
  const damaged = text.replace('<!-- bench:ingest ends -->', '');
  assert.throws(() => replaceSection(damaged, 'ingest', 'new'), /marks/);
});

test('a new benchmark is added at the end of the report', t => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-report-'));
  t.after(() => fs.rmSync(root, { recursive: true }));
  fs.mkdirSync(path.join(root, 'docs'));
  const file = path.join(root, 'docs/performance.md');
  fs.writeFileSync(file, '# Performance\n\nBy hand.\n');
  writeReport(root, 'ingest', '## ingest');
  writeReport(root, 'broker', '## broker');
  writeReport(root, 'ingest', '## ingest\n\nagain');
  const text = fs.readFileSync(file, 'utf8');
  assert.match(text, /^# Performance\n\nBy hand\.\n[^]*again[^]*## broker/);
  assert.equal(text.match(/## ingest/g).length, 1);
});
