// `npm run tsc`: the types of the whole project.
import { checkTypes } from './lib/checks.mjs';
import { runMain } from './lib/main.mjs';
import { prepare } from './lib/prepare.mjs';

await runMain(async () => checkTypes(await prepare({ portal: false })));
