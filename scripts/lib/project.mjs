import path from 'node:path';
import fs from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

/** The folder of the clone. */
export const root = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../..',
);

/** Where set-up keeps what it brought and remembers what it finished. */
export const toolsDir = path.join(root, '.millrace-tools');
export const setupLog = path.join(toolsDir, 'setup.log');

/**
 * One hash over files and folders (content and names), to know whether a step
 * has to run again.
 *
 * @param {string[]} paths relative to the project
 */
export function fingerprint(paths, salt = '') {
  const hash = createHash('sha256').update(salt);
  const visit = relative => {
    const absolute = path.join(root, relative);
    const stat = fs.statSync(absolute, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) {
      for (const name of fs.readdirSync(absolute).sort()) {
        if (['node_modules', 'dist', 'dist-types', 'coverage'].includes(name))
          continue;
        visit(path.join(relative, name));
      }
      return;
    }
    hash.update(relative).update('\0').update(fs.readFileSync(absolute));
  };
  paths.forEach(visit);
  return hash.digest('hex');
}

/**
 * Remembers that a step finished for a fingerprint. Written last and in one
 * rename, so that an interrupted step counts as not done.
 */
export function marker(name) {
  const file = path.join(toolsDir, `${name}.done`);
  return {
    is: value =>
      fs.existsSync(file) && fs.readFileSync(file, 'utf8').trim() === value,
    set: value => {
      fs.mkdirSync(toolsDir, { recursive: true });
      fs.writeFileSync(`${file}.tmp`, `${value}\n`);
      fs.renameSync(`${file}.tmp`, file);
    },
    clear: () => fs.rmSync(file, { force: true }),
  };
}
