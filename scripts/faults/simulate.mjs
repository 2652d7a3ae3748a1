import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { conclude, say } from './lib/report.mjs';

const MAIN = fileURLToPath(new URL('./simulate/main.mjs', import.meta.url));
/** Histories by which the model of the ledger is held against Postgres. */
const MODEL_HISTORIES = 300;

/**
 * `simulate`: first the model of the ledger against the real one, then so many
 * seeds in the simulator. A model that has drifted proves nothing, so a
 * difference ends it.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, seeds: number,
 *   only?: string }} options `only`: one seed
 * @returns {Promise<number>} exit code
 */
export async function runSimulate({ node, env, seeds, only }) {
  const failures = [];
  const run = async args => {
    const { output, hasPassed } = await inProcess(node, [MAIN, ...args], env);
    const figures = lastJson(output);
    if (!hasPassed) {
      say(output);
      failures.push(`violated in seed ${figures.seed}`);
    }
    return figures;
  };
  let model = {};
  if (only === undefined) {
    say(`${MODEL_HISTORIES} histories of the ledger and of its model`);
    model = await run(['--model', '--seeds', String(MODEL_HISTORIES)]);
    if (failures.length > 0) {
      say(
        `  replay: node scripts/faults/simulate/main.mjs --model --seed ${model.seed}`,
      );
    }
  }
  say(`${only === undefined ? seeds : 1} histories in the simulator`);
  const result = await run(
    only === undefined ? ['--seeds', String(seeds)] : ['--seed', only],
  );
  if (result.violated !== undefined) {
    say(`  replay: npm run faults -- simulate --seed ${result.seed}`);
  }
  const { seconds = 0 } = result;
  return conclude({
    name: 'simulate',
    figures: {
      violated: failures.length,
      seeds: result.seeds ?? 0,
      seedsPerSecond: Math.round((result.seeds ?? 0) / (seconds || 1)),
      steps: result.steps,
      accepted: result.accepted,
      delivered: result.delivered,
      partitions: result.partitions,
      modelHistories: model.histories,
    },
    bars: { violated: 0 },
    failures,
  });
}

function inProcess(node, args, env) {
  return new Promise(resolve => {
    execFile(node, args, { env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) =>
      resolve({ output: `${stdout}${stderr}`, hasPassed: error === null }),
    );
  });
}

/** The figures, whatever else was printed. */
function lastJson(output) {
  const lines = output.split('\n').filter(line => line.startsWith('{'));
  try {
    return JSON.parse(lines.at(-1));
  } catch {
    return {};
  }
}
