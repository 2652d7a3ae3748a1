import os from 'node:os';
import path from 'node:path';
import { Child, startChild } from './children';
import type { UpOptions } from './options';

/** Where the demo's sender writes what it sent and what it was answered. */
export function demoJournal(options: UpOptions): string {
  return path.join(options.dataDir, 'demo', 'journal.ndjson');
}

/** Starts the sender of real GitHub webhook payloads (examples/github-webhooks). */
export function startDemo(options: UpOptions, logFile: string): Child {
  const { root, ports, dataDir } = options;
  return startChild({
    name: 'demo',
    command: [process.execPath],
    args: [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      path.join(root, 'examples/github-webhooks/src/main.ts'),
      '--portal',
      `http://localhost:${ports.portal}`,
      '--gateway',
      `http://localhost:${ports.gateway}`,
      '--data-dir',
      path.join(dataDir, 'demo'),
      '--journal',
      // Only the smoke test reads it, and an endless demo would fill the disk.
      options.smoke ? demoJournal(options) : os.devNull,
    ],
    cwd: root,
    logFile,
  });
}
