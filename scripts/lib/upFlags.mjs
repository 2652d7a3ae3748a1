import { parseArgs } from 'node:util';
import { SetupError } from './errors.mjs';

const OPTIONS = {
  port: { type: 'string' },
  'data-dir': { type: 'string' },
  bucket: { type: 'string' },
  config: { type: 'string', multiple: true },
  'no-demo': { type: 'boolean' },
  reset: { type: 'boolean' },
  smoke: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};
const DURATION = /^PT(?:(\d{1,2})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?$/;

/**
 * Looks at the flags of `npm start` before the set-up, which takes minutes the
 * first time: a typing error is told at once. `millrace up` reads them for
 * good, and refuses the same values.
 *
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ help: boolean }}
 * @throws SetupError naming the flag and the right form
 */
export function checkUpFlags(args, env) {
  const swallowed = swallowedByNpm(env);
  if (swallowed) {
    throw new SetupError({
      what: `npm took --${swallowed} for a flag of its own.`,
      todo: 'Put two dashes before the flags: npm start -- --port 8000',
    });
  }
  const values = parse(args);
  if (values.help) return { help: true };
  requirePort(values.port);
  requireBucket(values.bucket);
  if (values.smoke && values['no-demo']) {
    throw new SetupError({
      what: '--smoke checks the demo, so it cannot run with --no-demo.',
      todo: 'Leave one of the two away.',
    });
  }
  return { help: false };
}

/**
 * Without the two dashes npm keeps unknown flags to itself and hands them on
 * as settings; a start that ignores them would surprise.
 */
function swallowedByNpm(env) {
  if (env.npm_lifecycle_event !== 'start') return undefined;
  const asSetting = { 'no-demo': 'demo' };
  return Object.keys(OPTIONS).find(name => {
    const setting = (asSetting[name] ?? name).replace(/-/g, '_');
    return (
      name !== 'help' && (env[`npm_config_${setting}`] ?? 'null') !== 'null'
    );
  });
}

function parse(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new SetupError({
      // Node adds advice about its own syntax after the first sentence.
      what: `${error.message.split(/\.\s/)[0].replace(/\.$/, '')}.`,
      todo: 'npm start -- --help lists the options.',
    });
  }
}

function requirePort(text) {
  if (text === undefined) return;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65532) {
    throw new SetupError({
      what: `--port is '${text}'.`,
      todo: 'Give a number from 1024 to 65532; the three ports after it are used too.',
    });
  }
}

function requireBucket(text) {
  if (text === undefined) return;
  const [hours = 0, minutes = 0, seconds = 0] = (DURATION.exec(text) ?? [])
    .slice(1)
    .map(part => Number(part ?? 0));
  const total = hours * 3600 + minutes * 60 + seconds;
  if (total < 1 || 3600 % total !== 0) {
    throw new SetupError({
      what: `--bucket is '${text}'.`,
      todo: 'Give an ISO 8601 duration that divides an hour evenly, such as PT1H, PT10M or PT1M.',
    });
  }
}
