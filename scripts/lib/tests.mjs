import path from 'node:path';
import { root, toolsDir } from './project.mjs';
import { findOrBringChromium } from './chromium.mjs';
import { backstageCli } from './prepare.mjs';
import { run, step } from './steps.mjs';
import { startTestDatabase } from './testDatabase.mjs';

const WORKERS = '2';

/**
 * Unit and integration tests, on a real Postgres, broker and DuckDB.
 *
 * @param {string[]} paths packages or files, all when empty
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runUnitTests({ node, env }, paths = []) {
  const database = await step('Starting a Postgres for the tests', () =>
    startTestDatabase({ node, env }),
  );
  const log = path.join(toolsDir, 'test.log');
  try {
    return await step('Unit and integration tests', () =>
      countTests(
        run(
          'Some tests failed.',
          [
            node,
            backstageCli(),
            'repo',
            'test',
            `--maxWorkers=${WORKERS}`,
            ...paths,
          ],
          {
            cwd: root,
            env: { ...env, ...database.env, CI: '1', NODE_ENV: 'test' },
            log,
            show: true,
          },
        ),
      ),
    );
  } finally {
    await database.stop();
  }
}

/** The tests of the scripts themselves and of the oracle, on Node's runner. */
export async function runScriptTests({ node, env }) {
  return step('Tests of the scripts and the oracle', () =>
    countTests(
      run(
        'Some tests of the scripts failed.',
        [node, '--test', '--test-reporter=tap', 'scripts/**/*.test.mjs'],
        {
          cwd: root,
          env,
          log: path.join(toolsDir, 'test-scripts.log'),
          showOnFailure: true,
        },
      ),
    ),
  );
}

/**
 * The end-to-end tests: a whole Millrace and a real browser.
 *
 * @param {string[]} args passed on to Playwright
 */
export async function runEndToEndTests({ node, env }, args = []) {
  const chromium = await findOrBringChromium(env);
  return step('End-to-end tests in Chromium', () =>
    countTests(
      run(
        'Some end-to-end tests failed.',
        [
          node,
          path.join(root, 'node_modules/@playwright/test/cli.js'),
          'test',
          ...args,
        ],
        {
          cwd: root,
          env: { ...env, MILLRACE_CHROMIUM: chromium },
          log: path.join(toolsDir, 'e2e.log'),
          show: true,
        },
      ),
    ),
  );
}

/** Reads how many tests passed from what a test runner printed. */
async function countTests(output) {
  const text = await output;
  const last = pattern => {
    const matches = [...text.matchAll(pattern)];
    return matches.length ? Number(matches.at(-1)[1]) : undefined;
  };
  const passed =
    // jest, Playwright, Node's runner
    last(/^Tests:.*?(\d+) passed/gm) ??
    last(/^\s+(\d+) passed/gm) ??
    last(/^# pass (\d+)/gm) ??
    0;
  return { passed, failed: 0 };
}
