import fs from 'node:fs';
import path from 'node:path';
import { fingerprint, marker, root, setupLog } from './project.mjs';
import { findOrBringNode } from './node.mjs';
import { SetupError } from './errors.mjs';
import { run, step } from './steps.mjs';

const YARN = path.join(root, '.yarn/releases/yarn-4.13.0.cjs');
const INSTALL_NEEDS_BYTES = 4e9;
const RUN_NEEDS_BYTES = 300e6;

/** What decides the installed packages. */
function dependencyFiles() {
  const workspaces = ['packages', 'plugins', 'examples'].flatMap(dir =>
    fs
      .readdirSync(path.join(root, dir))
      .map(name => path.join(dir, name, 'package.json'))
      .sort(),
  );
  return ['package.json', 'yarn.lock', '.yarnrc.yml', ...workspaces];
}

/** What decides the built portal. */
const PORTAL_SOURCES = [
  'packages/app',
  'plugins/data-platform-react',
  'plugins/delivery',
  'plugins/delivery-common',
  'plugins/event-types',
  'plugins/event-types-common',
  'app-config.yaml',
  'yarn.lock',
];

/**
 * Everything needed before Millrace can run, from a bare machine: Node, the
 * dependencies and, with `portal`, the built portal. Each step is skipped when
 * it is already done for the current files, and done again when it was
 * interrupted.
 *
 * @param {{ portal: boolean }} options
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>}
 */
export async function prepare({ portal }) {
  const { node, env } = await findOrBringNode();
  await installDependencies({ node, env });
  if (portal) {
    await buildPortal({ node, env });
  }
  return { node, env };
}

async function installDependencies({ node, env }) {
  const done = marker('install');
  const wanted = fingerprint(dependencyFiles(), node);
  const state = path.join(root, 'node_modules/.yarn-state.yml');
  if (done.is(wanted) && fs.existsSync(state)) {
    requireDisk(RUN_NEEDS_BYTES);
    return;
  }
  requireDisk(fs.existsSync(state) ? RUN_NEEDS_BYTES : INSTALL_NEEDS_BYTES);
  done.clear();
  await step('Installing dependencies (a few minutes the first time)', () =>
    run(
      'The dependencies could not be installed.',
      [node, YARN, 'install', '--immutable'],
      { cwd: root, env: { ...env, CI: '1' }, log: setupLog },
    ),
  );
  done.set(wanted);
}

async function buildPortal({ node, env }) {
  const done = marker('portal');
  const wanted = fingerprint(PORTAL_SOURCES, node);
  const index = path.join(root, 'packages/app/dist/index.html');
  if (done.is(wanted) && fs.existsSync(index)) {
    return;
  }
  done.clear();
  await step('Building the portal (a minute or two, once)', () =>
    run(
      'The portal could not be built.',
      [node, backstageCli(), 'package', 'build'],
      { cwd: path.join(root, 'packages/app'), env, log: setupLog },
    ),
  );
  done.set(wanted);
}

/** The entry of the Backstage command line, run with the Node of our choice. */
export function backstageCli() {
  return path.join(root, 'node_modules/@backstage/cli/bin/backstage-cli');
}

function requireDisk(bytes) {
  const { bavail, bsize } = fs.statfsSync(root);
  const free = Number(bavail) * Number(bsize);
  if (free < bytes) {
    throw new SetupError({
      what: 'The disk is nearly full.',
      why: `${(free / 1e9).toFixed(1)} GB are free where the project lies, ${(
        bytes / 1e9
      ).toFixed(1)} GB are needed.`,
      todo: 'Free some space and run the same command again.',
    });
  }
}
