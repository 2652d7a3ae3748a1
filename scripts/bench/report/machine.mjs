import fs from 'node:fs';
import os from 'node:os';
import { execFileSync } from 'node:child_process';

/**
 * What the figures were measured on.
 *
 * @param {string} folder where the benchmark keeps its data
 */
export function describeMachine(folder) {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    fileSystem: fileSystemOf(folder),
    loadBefore: os.loadavg()[0],
  };
}

function fileSystemOf(folder) {
  try {
    return execFileSync('df', ['--output=fstype', folder], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .at(-1);
  } catch {
    return 'unknown';
  }
}

/** A memory file system flushes nothing: figures on it would mean nothing. */
export function isMemoryFileSystem(fileSystem) {
  return ['tmpfs', 'ramfs'].includes(fileSystem);
}

/** The state of the sources the figures belong to. */
export function describeSources(root) {
  try {
    const git = (...args) =>
      execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    const isChanged = git('status', '--porcelain', '-uno') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${
      isChanged ? ', with changes' : ''
    }`;
  } catch {
    return fs.existsSync(root) ? 'unknown' : 'missing';
  }
}
