// One benchmark, from its set-up to its line of JSON; started by
// scripts/bench.mjs with the Node that Millrace runs on.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { exitCodeOf, runMain, STOP_SIGNALS } from '../lib/main.mjs';
import { SetupError } from '../lib/errors.mjs';
import { root } from '../lib/project.mjs';
import { createScope } from './bed/scope.mjs';
import { parseBenchArgs } from './options.mjs';
import { judgeBars } from './report/bars.mjs';
import { count, round } from './report/numbers.mjs';
import {
  describeMachine,
  describeSources,
  isMemoryFileSystem,
} from './report/machine.mjs';
import { table } from './report/table.mjs';
import { writeReport } from './report/writeReport.mjs';

const MODULES = {
  ingest: './benchmarks/ingest.mjs',
  'ack-latency': './benchmarks/ackLatency.mjs',
  broker: './benchmarks/broker.mjs',
  isolation: './benchmarks/isolation.mjs',
  seal: './benchmarks/seal.mjs',
  'end-to-end': './benchmarks/endToEnd.mjs',
  registry: './benchmarks/registry.mjs',
  serve: './benchmarks/serve.mjs',
};

await runMain(async () => {
  const args = process.argv.slice(2);
  const options = parseBenchArgs(args);
  const scope = createScope();
  const stopped = stopOnSignal(options, scope);
  const dir = createFolder(options.dataDir, scope);
  const machine = describeMachine(dir);
  if (isMemoryFileSystem(machine.fileSystem)) {
    throw new SetupError({
      what: `${dir} lies in memory, where a flush costs nothing.`,
      todo: 'Name a folder on a disk with --data-dir.',
    });
  }
  try {
    const { run } = await import(MODULES[options.name]);
    const outcome = await Promise.race([
      run({
        ...options,
        node: process.execPath,
        env: process.env,
        root,
        dir,
        scope,
        machine,
        stopped,
        say: line => process.stderr.write(`${line}\n`),
      }),
      scope.failed,
    ]);
    return outcome ? report(outcome, { options, args, machine }) : 0;
  } finally {
    await scope.end();
  }
});

/**
 * A signal ends what runs. The parent that is gone counts as one: nobody else
 * would end it.
 *
 * @returns {Promise<void>} for `serve`, which ends in its own way
 */
function stopOnSignal({ name }, scope) {
  return new Promise(resolve => {
    const stop = async signal => {
      if (name === 'serve') {
        resolve();
        return;
      }
      await scope.end();
      process.exit(exitCodeOf(signal));
    };
    for (const signal of STOP_SIGNALS) {
      process.removeAllListeners(signal);
      process.once(signal, stop);
    }
    process.once('disconnect', () => stop('SIGTERM'));
    // Listening to it must not keep a finished benchmark from ending.
    process.channel?.unref();
  });
}

function createFolder(base, scope) {
  const parent = path.resolve(base ?? os.tmpdir());
  fs.mkdirSync(parent, { recursive: true });
  const dir = fs.mkdtempSync(path.join(parent, 'millrace-bench-'));
  // The database runs as a user of its own, who has to get in.
  fs.chmodSync(dir, 0o755);
  scope.onEnd(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function report(outcome, { options, args, machine }) {
  const { figures, bars, section } = outcome;
  const judged = judgeBars(figures, bars);
  const pass = judged.every(({ isMet }) => isMet);
  const verdict = table(
    ['figure', 'measured', 'bar', 'met'],
    judged.map(({ name, figure, bar, isMet }) => [
      name,
      String(round(figure)),
      bar,
      isMet ? 'yes' : 'NO',
    ]),
  );
  const body = [
    `## ${options.name}`,
    `Measured on ${new Date()
      .toISOString()
      .slice(0, 10)} with \`npm run bench -- ${args.join(
      ' ',
    )}\` at commit ${describeSources(root)}: ${machine.cpu}, ${
      machine.cores
    } cores, ${machine.memoryGiB} GiB, ${machine.kernel}, Node ${
      machine.node
    }, ${
      machine.fileSystem
    }. Load of the machine before it began: ${machine.loadBefore.toFixed(2)}. ${
      outcome.extent ??
      `${count(options.runs)} runs of ${options.seconds} s for each case.`
    }`,
    judged.length > 0 ? verdict : '',
    section,
  ]
    .filter(Boolean)
    .join('\n\n');
  process.stdout.write(`\n${body}\n\n`);
  if (options.report) writeReport(root, options.name, body);
  process.stdout.write(
    `${JSON.stringify({
      name: options.name,
      pass,
      figures: Object.fromEntries(
        Object.entries(figures).map(([name, value]) => [name, round(value)]),
      ),
      bars: Object.fromEntries(
        Object.entries(bars).map(([name, bar]) => [name, bar]),
      ),
    })}\n`,
  );
  return pass ? 0 : 1;
}
