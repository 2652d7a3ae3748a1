import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { root } from '../../lib/project.mjs';
import { freePort } from '../../lib/testDatabase.mjs';
import { startProcess } from './processes.mjs';

export const PROJECT = 'bench';
const MILLRACE = path.join(root, 'packages/runtime/bin/millrace');
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL'];

/** What a role sees of this environment, as when the portal starts it. */
export function roleEnvironment(env) {
  const passedOn = PASSED_ON.filter(name => env[name] !== undefined);
  return {
    ...Object.fromEntries(passedOn.map(name => [name, env[name]])),
    NODE_ENV: 'production',
  };
}

/**
 * Starts the local broker and connects the official client to it.
 *
 * @param {import('../benchmarks/types').Context} context
 * @param {{ dir: string, profileDir?: string }} options
 */
export async function startBroker(context, { dir, profileDir }) {
  const brokerPort = await freePort();
  const broker = await startRole(
    context,
    'broker',
    { dir, profileDir },
    {
      MILLRACE_BROKER_PORT: String(brokerPort),
    },
  );
  // The client would look for Google's metadata server on the network.
  process.env.METADATA_SERVER_DETECTION = 'none';
  const pubsub = new PubSub({
    projectId: PROJECT,
    emulatorMode: true,
    apiEndpoint: `127.0.0.1:${brokerPort}`,
  });
  context.scope.onEnd(() => pubsub.close());
  return { brokerPort, broker, pubsub };
}

/**
 * Starts one role of the `millrace` command with production settings.
 *
 * @param {import('../benchmarks/types').Context} context
 * @param {'broker' | 'gateway' | 'worker'} name
 * @param {{ dir: string, profileDir?: string }} folders with `profileDir` the
 *   process writes CPU profiles there when it ends
 * @param {NodeJS.ProcessEnv} settings
 */
export function startRole(
  { node, env, scope },
  name,
  { dir, profileDir },
  settings,
) {
  return startProcess({
    name,
    command: [
      node,
      ...nodeFlags(node),
      ...profiling(profileDir, name),
      MILLRACE,
      name,
    ],
    env: { ...roleEnvironment(env), MILLRACE_DATA_DIR: dir, ...settings },
    log: path.join(dir, `${name}.log`),
    scope,
  });
}

/**
 * Starts a worker with its default settings.
 *
 * @param {import('../benchmarks/types').Context} context
 * @param {{ dir: string, profileDir?: string, database: string,
 *   brokerPort: number, lakeRoot: string, stagingDir: string }} options
 */
export function startWorkerRole(context, options) {
  const { dir, profileDir, database, brokerPort, lakeRoot, stagingDir } =
    options;
  fs.mkdirSync(stagingDir, { recursive: true });
  return startRole(
    context,
    'worker',
    { dir, profileDir },
    {
      MILLRACE_LEDGER_URL: database,
      MILLRACE_PROJECT_ID: PROJECT,
      PUBSUB_EMULATOR_HOST: `127.0.0.1:${brokerPort}`,
      METADATA_SERVER_DETECTION: 'none',
      MILLRACE_WORKER_ID: 'bench-worker',
      MILLRACE_LAKE_ROOT: lakeRoot,
      MILLRACE_STAGING_DIR: stagingDir,
    },
  );
}

/** Those that a role is started with, by the portal and in containers. */
function nodeFlags(node) {
  const printed = execFileSync(node, [MILLRACE, 'node-flags']).toString();
  return printed.trim().split(' ');
}

/** The flags with which a process writes a CPU profile when it ends. */
export function profiling(profileDir, name) {
  if (!profileDir) return [];
  const dir = path.join(profileDir, name);
  fs.mkdirSync(dir, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${dir}`];
}
