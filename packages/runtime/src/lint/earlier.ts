import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../errors';
import { lintText, type Declaration } from './lintText';
import { findFiles, readText } from './readFiles';
import { MAX_YAML_BYTES } from './readYaml';

const run = promisify(execFile);

/** The declarations in force, by name. */
export type Earlier = Map<string, Declaration>;

/**
 * The declarations to compare with: those in a file or folder, or the same files
 * at a commit of git.
 *
 * A file that did not exist then declared nothing. What of the earlier state is
 * wrong is not this run's business.
 *
 * @param against - a path, `<ref>`, or `<ref>:<path in the repository>`
 * @param files - the files that are linted
 * @throws UsageError `lint_failed` when it is neither a path nor a commit
 */
export async function readEarlier(
  against: string,
  files: readonly string[],
): Promise<Earlier> {
  const earlier: Earlier = new Map();
  const add = (text: string, file: string) =>
    lintText(text, file).declarations.forEach(declaration =>
      earlier.set(declaration.name, declaration),
    );
  const isPath = await fs.stat(against).then(
    () => true,
    () => false,
  );
  if (isPath) {
    for (const file of await findFiles([against])) {
      add(await readText(file), file);
    }
    return earlier;
  }
  const colon = against.indexOf(':');
  const ref = colon < 0 ? against : against.slice(0, colon);
  const places =
    colon < 0
      ? files.map(file => ({
          folder: path.dirname(path.resolve(file)),
          spec: `./${path.basename(file)}`,
          file,
        }))
      : [
          {
            folder: process.cwd(),
            spec: against.slice(colon + 1),
            file: against,
          },
        ];
  const commits = new Map<string, string>();
  for (const { folder, spec, file } of places) {
    const commit = commits.get(folder) ?? (await resolveCommit(folder, ref));
    commits.set(folder, commit);
    const text = await readBlob(folder, `${commit}:${spec}`);
    if (text !== undefined) {
      add(text, file);
    }
  }
  return earlier;
}

async function resolveCommit(folder: string, ref: string): Promise<string> {
  try {
    // What comes behind `--end-of-options` is never taken for an option.
    const { stdout } = await run(
      'git',
      [
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${ref}^{commit}`,
      ],
      { cwd: folder },
    );
    return stdout.trim();
  } catch {
    throw new UsageError(
      'lint_failed',
      `--against is '${ref}', which is neither a path nor a commit that git finds in ${folder}.`,
      'Give a file, a folder, or a commit such as origin/main; in a pipeline, see that it was fetched.',
    );
  }
}

/** A file at a commit, or nothing when it was not there. */
async function readBlob(
  folder: string,
  object: string,
): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', ['cat-file', 'blob', object], {
      cwd: folder,
      maxBuffer: 2 * MAX_YAML_BYTES,
    });
    return stdout;
  } catch {
    return undefined;
  }
}
