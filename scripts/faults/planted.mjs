import { fileURLToPath } from 'node:url';
import { requireStrace } from './lib/capabilities.mjs';
import { runCycle } from './lib/cycle.mjs';
import { createLab } from './lib/lab.mjs';
import { parsePoint } from './lib/points.mjs';
import { conclude, say } from './lib/report.mjs';
import { until } from './lib/wait.mjs';

const file = name =>
  fileURLToPath(new URL(`./planted/${name}.cjs`, import.meta.url));
const LIMIT_MS = 30_000;

/**
 * Known defects, each put into one process from outside, and where it must be
 * caught: the first of these cycles that shows it is enough.
 */
export const DEFECTS = [
  {
    name: 'the gateway answers before the broker has committed',
    preload: { gateway: file('answer-before-commit') },
    points: repeat('gateway:writev', 8),
    pattern: /^lost: .* was accepted and is on no topic/,
  },
  {
    name: 'the broker replies before it has committed',
    preload: { broker: file('reply-before-commit') },
    points: repeat('broker.pool:fdatasync', 8),
    pattern: /^lost: /,
  },
  {
    name: 'the queue of the SDK is empty after a restart',
    preload: { sdk: file('forget-on-restart') },
    points: repeat('sdk:writev', 8),
    pattern: /^lost: .* taken by the queue/,
  },
  {
    name: 'the SDK drops what was answered 503',
    preload: { sdk: file('drop-on-503') },
    points: ['broker.pool:fdatasync:3'],
    // Long enough for the gateway to give up and say 503.
    away: true,
    pattern: /^(lost|wrong): /,
  },
  {
    name: 'the gateway says accepted to what it refused',
    preload: { gateway: file('accept-what-is-refused') },
    points: ['sdk:writev:3'],
    pattern: /^wrong: .* is not valid and was accepted/,
  },
  {
    name: 'the gateway publishes every batch twice',
    preload: { gateway: file('publish-twice') },
    points: ['sdk:writev:3'],
    pattern: /^duplicate: .* in a batch that is there 2×/,
  },
  {
    name: 'the SDK sends every request twice',
    preload: { sdk: file('send-twice') },
    // Not the SDK: after its own death it may send again what was answered.
    points: ['gateway:write:3'],
    pattern: /^duplicate: .* was sent again after it had been answered/,
  },
  {
    name: 'the gateway drops the refused events',
    preload: { gateway: file('drop-refused') },
    points: ['sdk:writev:3'],
    pattern: /^lost: .* was refused and is kept nowhere/,
  },
];

/** The same call, a little later each time. */
function repeat(call, times) {
  return Array.from({ length: times }, (_, at) => `${call}:${3 + at * 2}`);
}

/**
 * Shows that the campaign can fail: plants each defect and sees that the oracle
 * finds it, and says what it is.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, seed: string,
 *   only?: string[] }} options
 */
export async function runPlanted({ node, env, only }) {
  await requireStrace(env);
  const failures = [];
  const caughtBy = {};
  const planted = DEFECTS.filter(({ name }) => !only || only.includes(name));
  for (const defect of planted) {
    const found = await plant(defect, { node, env });
    if (found) {
      caughtBy[defect.name] = found.point;
      say(`✔ caught at ${found.point}: ${defect.name}\n    ${found.problem}`);
    } else {
      failures.push(`not caught: ${defect.name}`);
    }
  }
  const caught = Object.keys(caughtBy).length;
  return conclude({
    name: 'ingest-planted',
    figures: { planted: planted.length, caught, caughtBy },
    bars: { caught: planted.length },
    failures,
  });
}

/** @returns {Promise<{ point: string, problem: string } | undefined>} */
export async function plant({ preload, points, pattern, away }, { node, env }) {
  const lab = await createLab({ node, env, preload });
  try {
    for (const [at, point] of points.entries()) {
      const { problems } = await runCycle(lab, parsePoint(point), {
        cycle: `planted-${at}`,
        onDown: away ? () => untilAnswered503(lab) : undefined,
      });
      const problem = problems.find(each => pattern.test(each));
      if (problem) return { point, problem };
    }
    return undefined;
  } finally {
    await lab.close();
  }
}

/** Keeps the victim away until the gateway has given up on it. */
async function untilAnswered503(lab) {
  const seen = lab.recorder.statuses.get(503) ?? 0;
  await until(() => (lab.recorder.statuses.get(503) ?? 0) > seen, LIMIT_MS);
}
