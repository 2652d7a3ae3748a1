import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { root, setupLog, toolsDir } from './project.mjs';
import { SetupError } from './errors.mjs';
import { run, step } from './steps.mjs';

const NODE_VERSION = '24.21.0';
const SUPPORTED_MAJORS = [22, 24];
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/**
 * A Node that Backstage runs on: the one in use when it is 22 or 24, otherwise
 * the binary of the npm package `node-<platform>`, put into a folder of the
 * project. Nothing outside the project is changed.
 *
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} the binary, and
 *   an environment in which it comes first
 * @throws SetupError on an unsupported platform or without network
 */
export async function findOrBringNode() {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new SetupError({
      what: `Millrace does not run on ${platform} yet.`,
      why: `Its database and query engine come as binaries for ${PLATFORMS.join(
        ', ',
      )}.`,
      todo: 'Use one of these platforms, or on Windows the Windows Subsystem for Linux.',
    });
  }
  const major = Number(process.versions.node.split('.')[0]);
  if (SUPPORTED_MAJORS.includes(major)) {
    const home = path.resolve(path.dirname(process.execPath), '..');
    return { node: process.execPath, env: environment(process.execPath, home) };
  }
  const home = path.join(toolsDir, 'node', 'node_modules', `node-${platform}`);
  const node = path.join(home, 'bin', 'node');
  if (versionOf(node) !== `v${NODE_VERSION}`) {
    await step(
      `Bringing Node ${NODE_VERSION} (this machine has ${process.versions.node})`,
      () => bringNode(platform),
    );
    if (versionOf(node) !== `v${NODE_VERSION}`) {
      throw new SetupError({
        what: `The Node ${NODE_VERSION} that was brought does not run here.`,
        todo: 'Install Node 22 or 24 by hand and run the same command with it.',
        log: setupLog,
      });
    }
  }
  return { node, env: environment(node, home) };
}

async function bringNode(platform) {
  const prefix = path.join(toolsDir, 'node');
  // A half-finished earlier install must not be mistaken for a whole one.
  fs.rmSync(prefix, { recursive: true, force: true });
  fs.mkdirSync(prefix, { recursive: true });
  fs.writeFileSync(path.join(prefix, 'package.json'), '{"private":true}\n');
  const npm = process.env.npm_execpath;
  await run(
    `Node ${NODE_VERSION} could not be installed.`,
    [
      ...(npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']),
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      // With `npm --silent start` it would not even say why it failed.
      '--loglevel=error',
      '--prefer-offline',
      // Without network npm would be silent for more than a minute.
      '--fetch-retry-mintimeout=1000',
      '--fetch-retry-maxtimeout=5000',
      `node-${platform}@${NODE_VERSION}`,
    ],
    { cwd: prefix, env: process.env, log: setupLog },
  );
}

function versionOf(node) {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/**
 * `npm run` passes its own settings down as npm_config_*; only those that
 * compile against the Node in use are wanted by what is started from here.
 */
function environment(node, home) {
  return {
    ...process.env,
    PATH: [path.dirname(node), process.env.PATH].join(path.delimiter),
    npm_config_nodedir: home,
    YARN_ENABLE_TELEMETRY: '0',
    NODE_NO_WARNINGS: '1',
    MILLRACE_ROOT: root,
  };
}
