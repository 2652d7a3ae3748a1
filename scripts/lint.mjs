// `npm run lint`: formatting, ESLint and the allowed arrows between rooms.
import { lint } from './lib/checks.mjs';
import { runMain } from './lib/main.mjs';
import { prepare } from './lib/prepare.mjs';

await runMain(async () => lint(await prepare({ portal: false })));
