import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ProcessLog } from './ProcessLog';

const AT = '2026-11-21T13:00:00.000Z';

describe('ProcessLog', () => {
  let dir: string;
  let file: string;
  let warnings: string[];
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-log-'));
    file = path.join(dir, 'logs', 'worker.log');
    warnings = [];
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  function createLog(maxBytes?: number) {
    return new ProcessLog({
      file,
      maxBytes,
      onWarning: line => warnings.push(line),
    });
  }

  it('passes on warnings and errors once, and nothing else', () => {
    const log = createLog();
    const fd = log.open();
    fs.writeSync(fd, `${AT} info worker: sealed\n${AT} warn worker: slow\n`);
    fs.writeSync(fd, `    at somewhere\n${AT} error worker: bro`);
    log.collect();
    fs.writeSync(fd, `ken\n`);
    log.collect();
    log.collect();
    fs.closeSync(fd);
    expect(warnings).toEqual(['worker: slow', 'worker: broken']);
  });

  it('does not repeat the warnings of an earlier run', () => {
    createLog().write(`${AT} warn worker: yesterday`);
    createLog().collect();
    expect(warnings).toEqual([]);
  });

  it('tells of a flood of warnings in one line', () => {
    const log = createLog();
    for (let i = 0; i < 100; i++) log.write(`${AT} warn worker: ${i}`);
    log.collect();
    expect(warnings).toHaveLength(21);
    expect(warnings[20]).toBe(`80 more warnings in ${file}`);
  });

  it('rotates a log that has grown too large, under the hands of its writer', () => {
    const log = createLog(100);
    const fd = log.open();
    fs.writeSync(fd, `${AT} info worker: ${'x'.repeat(100)}\n`);
    log.collect();
    fs.writeSync(fd, `${AT} warn worker: after\n`);
    log.collect();
    fs.closeSync(fd);
    expect(fs.readFileSync(`${file}.1`, 'utf8')).toContain('xxx');
    expect(fs.readFileSync(file, 'utf8')).toBe(`${AT} warn worker: after\n`);
    expect(warnings).toEqual(['worker: after']);
  });
});
