import fs from 'node:fs';
import { setupLog } from './project.mjs';
import { SetupError } from './errors.mjs';
import { run, step } from './steps.mjs';

const KNOWN_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Finds a Chromium for the browser tests, or installs Debian's package where
 * that is possible without asking for a password.
 *
 * @returns {Promise<string>} path of the browser
 * @throws SetupError saying how to get one
 */
export async function findOrBringChromium(env) {
  const found = find();
  if (found) return found;
  const isDebian = fs.existsSync('/usr/bin/apt-get');
  if (isDebian && process.getuid?.() === 0) {
    const options = { cwd: '/', env, log: setupLog };
    await step('Installing Chromium for the browser tests', async () => {
      await run(
        'The package lists could not be fetched.',
        ['apt-get', 'update'],
        options,
      );
      await run(
        'Chromium could not be installed.',
        [
          'apt-get',
          'install',
          '--yes',
          '--no-install-recommends',
          'chromium',
          'fonts-liberation',
        ],
        { ...options, env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } },
      );
    });
  }
  const installed = find();
  if (!installed) {
    throw new SetupError({
      what: 'The browser tests need Chromium, and none was found.',
      todo: isDebian
        ? 'Install it: sudo apt-get install chromium, or set MILLRACE_CHROMIUM to the path of a browser.'
        : 'Install Chrome or Chromium, or set MILLRACE_CHROMIUM to the path of a browser.',
    });
  }
  return installed;
}

function find() {
  return [process.env.MILLRACE_CHROMIUM, ...KNOWN_PLACES].find(
    place => place && fs.existsSync(place),
  );
}
