import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** A command that runs another one. */
function start(dir, child) {
  const lib = name => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `
    import { runMain } from ${lib('./main.mjs')};
    import { run } from ${lib('./steps.mjs')};
    await runMain(() => run('It failed.', [process.execPath, '-e', ${JSON.stringify(
      child,
    )}], { cwd: '.', env: process.env, log: ${JSON.stringify(
    path.join(dir, 'log'),
  )}, show: true }));`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const isAlive = pid => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  test(`${signal} ends what was started before the command itself ends`, async t => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-main-'));
    t.after(() => fs.rmSync(dir, { recursive: true }));
    const command = start(
      dir,
      'console.log(process.pid); setInterval(() => {}, 1000)',
    );
    const [line] = await once(command.stdout, 'data');
    const pid = Number(line);
    let said = '';
    command.stderr.on('data', chunk => {
      said += chunk;
    });
    command.kill(signal);
    const [exitCode] = await once(command, 'close');
    assert.equal(exitCode, code);
    assert.equal(isAlive(pid), false);
    assert.match(said, /Stopped\. Run the same command to go on\./);
    assert.doesNotMatch(said, /✖/);
  });
}

test('what was started ends by itself when the command is killed', async t => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-main-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const command = start(
    dir,
    'console.log(process.pid); setInterval(() => {}, 1000)',
  );
  const [line] = await once(command.stdout, 'data');
  command.kill('SIGKILL');
  await once(command, 'exit');
  while (isAlive(Number(line))) await delay(20);
});
