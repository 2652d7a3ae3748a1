import path from 'node:path';
import { root, toolsDir } from './project.mjs';
import { backstageCli } from './prepare.mjs';
import { run, step } from './steps.mjs';

const bin = (pkg, file) => path.join(root, 'node_modules', pkg, file);
const log = path.join(toolsDir, 'checks.log');

/** Formatting, ESLint and the allowed arrows between rooms. */
export async function lint({ node, env }) {
  const check = (title, what, command) =>
    step(title, () =>
      run(what, [node, ...command], {
        cwd: root,
        env,
        log,
        showOnFailure: true,
      }),
    );
  await check('Checking the formatting', 'Some files are not formatted.', [
    bin('prettier', 'bin-prettier.js'),
    '--check',
    '--loglevel=warn',
    '.',
  ]);
  await check('Linting', 'ESLint found problems.', [
    backstageCli(),
    'repo',
    'lint',
  ]);
  await check(
    'Checking the arrows between rooms',
    'A room imports what it may not.',
    [
      bin('dependency-cruiser', 'bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err-long',
      'packages',
      'plugins',
      'examples',
      'scripts',
    ],
  );
}

/** The types of the whole project. */
export async function checkTypes({ node, env }) {
  await step('Checking the types', () =>
    run(
      'The types do not fit.',
      [
        node,
        bin('typescript', 'bin/tsc'),
        '--noEmit',
        '--incremental',
        'false',
        '--emitDeclarationOnly',
        'false',
      ],
      {
        cwd: root,
        env: { ...env, NODE_OPTIONS: '--max-old-space-size=4096' },
        log,
        showOnFailure: true,
      },
    ),
  );
}
