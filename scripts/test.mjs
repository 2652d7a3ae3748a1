// `npm test`: everything that has to hold before a change lands, from a bare
// machine: formatting, lint, arrows, types, unit and integration tests on real
// Postgres, broker and DuckDB, and the end-to-end test in a real browser.
//
//   npm test                      everything
//   npm test -- packages/ledger   the unit tests of one room
import { checkTypes, lint } from './lib/checks.mjs';
import { SetupError } from './lib/errors.mjs';
import { runMain } from './lib/main.mjs';
import { prepare } from './lib/prepare.mjs';
import {
  runEndToEndTests,
  runScriptTests,
  runUnitTests,
} from './lib/tests.mjs';

/**
 * What people and programs do from beginning to end. `npm run e2e` looks at every
 * page besides, in every state, theme and width.
 */
const JOURNEYS = ['millrace.test', 'browserSdk.test'];

await runMain(async () => {
  const paths = process.argv.slice(2);
  const toolchain = await prepare({ portal: paths.length === 0 });
  if (paths.length > 0) {
    await runUnitTests(toolchain, paths);
    return;
  }
  await lint(toolchain);
  await checkTypes(toolchain);
  const results = [
    await runScriptTests(toolchain),
    await runUnitTests(toolchain),
    await runEndToEndTests(toolchain, JOURNEYS),
  ];
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  if (results.some(result => result.passed === 0)) {
    throw new SetupError({
      what: 'A test runner ran no test.',
      why: JSON.stringify(results),
      todo: 'Look at the output above: a path or pattern no longer matches.',
    });
  }
  process.stdout.write(`\n${passed} passed, 0 failed\n`);
});
