import fs from 'node:fs/promises';
import path from 'node:path';
import { generateTypeScript, staleTypes } from '@millrace/schema';
import { fetchEventTypes } from './fetchEventTypes';
import { CodegenFlags, parseCodegenOptions } from './options';
import { readSchemaFolder } from './readSchemaFolder';
import { selectTypes } from './selectTypes';

/**
 * Writes TypeScript types for event types, or checks that they are up to date.
 * The file is not touched when nothing would change in it.
 *
 * @returns the exit code: 1 when the check found the file stale
 * @throws UsageError
 */
export async function runCodegen(
  flags: CodegenFlags,
  env: NodeJS.ProcessEnv,
  print: (line: string) => void = line => process.stdout.write(`${line}\n`),
): Promise<number> {
  const { source, out, types, isCheck } = parseCodegenOptions(flags, env);
  const all =
    source.kind === 'portal'
      ? await fetchEventTypes(source.url, source.token)
      : await readSchemaFolder(source.folder);
  const selected = selectTypes(all, types);
  const text = generateTypeScript(selected);
  const current = await readIfThere(out);
  const changes = staleTypes(current, text);

  if (changes.length === 0) {
    print(`${out} is up to date: ${selected.length} event types`);
    return 0;
  }
  changes.forEach(change => print(`  ${change}`));
  if (isCheck) {
    print(`${out} is stale; run the same command without --check`);
    return 1;
  }
  await fs.mkdir(path.dirname(out), { recursive: true });
  await fs.writeFile(out, text);
  print(`${out} is written: ${selected.length} event types`);
  return 0;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
