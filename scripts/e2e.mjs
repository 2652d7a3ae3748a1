// `npm run e2e`: the end-to-end tests alone. Arguments go to Playwright.
import { runMain } from './lib/main.mjs';
import { prepare } from './lib/prepare.mjs';
import { runEndToEndTests } from './lib/tests.mjs';

await runMain(async () => {
  const toolchain = await prepare({ portal: true });
  await runEndToEndTests(toolchain, process.argv.slice(2));
});
