import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Page } from '@playwright/test';

const root = path.resolve(__dirname, '../../..');
const folder = path.join(root, 'e2e-test-report/snippets');

/**
 * Runs an example as who copies it would: in a shell, as a module of Node beside
 * the packages that it imports, or in a page. Fails when the example does.
 *
 * @returns what it printed
 */
export async function runSnippet(
  text: string,
  where: 'shell' | 'node' | Page,
): Promise<string> {
  if (typeof where !== 'string') {
    return runInPage(text, where);
  }
  const run = promisify(execFile);
  if (where === 'shell') {
    const { stdout } = await run('bash', ['-c', text]);
    return stdout;
  }
  await installSdk();
  const file = path.join(folder, 'snippet.mjs');
  await fs.writeFile(file, text);
  const { stdout } = await run(process.execPath, [
    '--require',
    require.resolve('@backstage/cli/config/nodeTransform.cjs'),
    file,
  ]);
  return stdout;
}

async function runInPage(text: string, page: Page): Promise<string> {
  const printed = page.waitForEvent('console', {
    predicate: message => message.type() === 'log',
  });
  await page.evaluate(`(async () => { ${text} })()`);
  const [answer] = (await printed).args();
  return JSON.stringify(await answer.jsonValue());
}

/**
 * Lets an ES module import the names of the SDK, as it can from the published
 * package: Node does not find them in sources that are compiled as they load.
 */
async function installSdk(): Promise<void> {
  const dir = path.join(folder, 'node_modules/@millrace/sdk');
  await fs.mkdir(dir, { recursive: true });
  await fs.writeFile(
    path.join(dir, 'package.json'),
    JSON.stringify({ name: '@millrace/sdk', main: 'index.mjs' }),
  );
  await fs.writeFile(
    path.join(dir, 'index.mjs'),
    `import { createRequire } from 'node:module';
const sources = createRequire(${JSON.stringify(
      path.join(root, 'package.json'),
    )});
export const { createProducer } = sources('@millrace/sdk');
`,
  );
}
