// The simulator in a process of its own: `--model` holds the model of the ledger
// against Postgres, without it histories are run. Prints what is violated; exits
// with 1 when anything is.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startDatabase } from '../lib/database.mjs';
import { ledger } from '../lib/rooms.mjs';
import { compareWithModel } from './modelCheck.mjs';
import { runHistory, Violation } from './world.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'boolean' },
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    // Shows a bug that is known and not mended: see docs/reliability.md.
    known: { type: 'string' },
  },
});
const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, at) => at + 1)
    : [Number(values.seed)];

const say = message => process.stdout.write(`${JSON.stringify(message)}\n`);
process.exitCode = (await (values.model ? checkModel() : simulate())) ? 0 : 1;

async function simulate() {
  const total = { accepted: 0, delivered: 0, partitions: 0, steps: 0 };
  const startedAt = performance.now();
  /** With the known bugs: the first seed of every kind of violation. */
  const kinds = new Set();
  for (const seed of seeds) {
    try {
      const figures = await runHistory(seed, {
        knownBug: values.known,
      });
      for (const name of Object.keys(total)) total[name] += figures[name];
    } catch (error) {
      const isViolation = error instanceof Violation;
      const story = isViolation ? error.message : error.stack;
      const [violated] = story.split('\n');
      if (values.known && seeds.length > 1) {
        const kind = violated.replaceAll(/[\w./-]*\d[\w./-]*/g, '#');
        if (!kinds.has(kind)) say({ seed, violated });
        kinds.add(kind);
        continue;
      }
      process.stdout.write(`${story}\n`);
      say({ seed, violated });
      return false;
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  say({ seeds: seeds.length, seconds, ...total });
  return true;
}

async function checkModel() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-model-'));
  fs.chmodSync(dir, 0o755);
  fs.mkdirSync(path.join(dir, 'logs'));
  const database = await startDatabase({
    node: process.execPath,
    env: process.env,
    dir,
  });
  const db = ledger.createLedgerClient({
    connectionString: await database.create('model'),
  });
  try {
    await ledger.migrateLedger(db);
    const startedAt = performance.now();
    for (const seed of seeds) {
      const difference = await compareWithModel(db, seed);
      if (difference !== undefined) {
        process.stdout.write(`${difference}\n`);
        say({ seed, difference });
        return false;
      }
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    say({ histories: seeds.length, seconds });
    return true;
  } finally {
    await db.destroy();
    await database.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}
