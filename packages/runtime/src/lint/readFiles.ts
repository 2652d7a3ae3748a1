import fs from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../errors';
import { MAX_YAML_BYTES } from './readYaml';

const MAX_FILES = 10_000;

/**
 * The YAML files that arguments name: files as they are, folders with everything
 * below them. Links inside folders are not followed.
 *
 * @throws UsageError `lint_failed` when one cannot be read, or there are none
 */
export async function findFiles(given: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of given) {
    const stat = await fs.stat(name).catch(error => {
      throw cannotRead(name, error);
    });
    if (!stat.isDirectory()) {
      files.push(name);
      continue;
    }
    const entries = await fs.readdir(name, {
      recursive: true,
      withFileTypes: true,
    });
    files.push(
      ...entries
        .filter(entry => entry.isFile() && /\.ya?ml$/.test(entry.name))
        .map(entry => path.join(entry.parentPath, entry.name))
        .filter(file => !file.split(path.sep).includes('node_modules'))
        .sort(),
    );
  }
  if (files.length > MAX_FILES) {
    throw new UsageError(
      'lint_failed',
      `There are ${files.length} files, more than ${MAX_FILES}.`,
      'Name a smaller folder.',
    );
  }
  return files;
}

/**
 * A file's text. More than a YAML file may have is not read into memory: the one
 * byte too many makes the reader refuse it.
 *
 * @throws UsageError `lint_failed`
 */
export async function readText(file: string): Promise<string> {
  try {
    const handle = await fs.open(file, 'r');
    try {
      // A device or pipe could go on for ever.
      if (!(await handle.stat()).isFile()) {
        throw new Error('it is not a regular file');
      }
      const buffer = Buffer.alloc(MAX_YAML_BYTES + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) {
          return buffer.toString('utf8', 0, length);
        }
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw cannotRead(file, error);
  }
}

function cannotRead(file: string, error: unknown): UsageError {
  return new UsageError(
    'lint_failed',
    `${file} cannot be read: ${
      error instanceof Error ? error.message : String(error)
    }`,
    'Name YAML files, or folders that hold some.',
  );
}
