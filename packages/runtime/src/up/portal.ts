import path from 'node:path';
import type { DeliveryProcess, PortalApi } from './portalApi';
import { UsageError } from '../errors';
import { Child, startChild } from './children';
import { waitFor } from './processes';
import type { UpOptions } from './options';

const READY_LIMIT_MS = 180_000;
const ROLES_LIMIT_MS = 60_000;

/**
 * Starts the portal's backend, which serves the built app and in turn starts
 * and supervises broker, gateway and worker.
 */
export function startPortal(
  options: UpOptions,
  runtimeConfig: string,
  logFile: string,
): Child {
  const { root } = options;
  return startChild({
    name: 'portal',
    command: [process.execPath],
    args: [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      '--require',
      path.join(root, 'packages/runtime/bin/exit-with-parent.cjs'),
      path.join(root, 'packages/backend/src/index.ts'),
      '--config',
      path.join(root, 'app-config.yaml'),
      ...options.configFiles.flatMap(file => ['--config', file]),
      // What was decided at start-up holds, whatever the others say.
      '--config',
      runtimeConfig,
    ],
    cwd: root,
    env: {
      NODE_ENV: 'production',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
      // The broker is local: Google's clients need not look for a cloud.
      METADATA_SERVER_DETECTION: 'none',
    },
    logFile,
  });
}

/**
 * Waits until the portal answers and every part of the data plane runs.
 *
 * @throws UsageError `portal_failed` naming the part and its log
 */
export async function waitForPortal(
  portal: Child,
  api: PortalApi,
  options: UpOptions,
): Promise<void> {
  const logs = path.join(options.dataDir, 'logs');
  let hasEnded = false;
  portal.exited.then(() => {
    hasEnded = true;
  });
  const isUp = await waitFor(
    async () => (hasEnded ? false : (await api.isReady()) || undefined),
    { limitMs: READY_LIMIT_MS },
  );
  if (!isUp) {
    throw new UsageError(
      'portal_failed',
      hasEnded
        ? 'The portal ended while starting.'
        : `The portal did not answer within ${READY_LIMIT_MS / 1000} s.`,
      `Read the end of ${path.join(logs, 'portal.log')}.`,
    );
  }
  let processes: DeliveryProcess[] = [];
  const areRunning = await waitFor(
    async () => {
      ({ processes } = await api.deliveryStatus());
      const running = processes.filter(({ state }) => state === 'running');
      return processes.length > 0 && running.length === processes.length
        ? true
        : undefined;
    },
    { limitMs: ROLES_LIMIT_MS },
  );
  if (!areRunning) {
    const stuck = processes.filter(({ state }) => state !== 'running');
    throw new UsageError(
      'portal_failed',
      `Not everything started: ${
        stuck.map(({ role, state }) => `${role} is ${state}`).join(', ') ||
        'no process was reported'
      }.`,
      `Read the logs in ${logs}.`,
    );
  }
}
