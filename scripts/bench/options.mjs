import { parseArgs } from 'node:util';
import { SetupError } from '../lib/errors.mjs';

/** The benchmarks, by name: what each measures, in a line. */
export const BENCHMARKS = {
  ingest: 'events and requests per second through the gateway, committed',
  'ack-latency': 'how long an accepted event takes, at several rates',
  broker: 'the local broker alone, by message size',
  isolation: 'what a flooded or misfitting event type does to the others',
  seal: 'how long sealing a million events takes',
  'end-to-end': 'events per second from HTTP to sealed partitions',
  registry: 'the portal with 2,000 event types of ten versions each',
  serve: 'starts broker and gateway and leaves them running',
};

/** Where a run of ten seconds, five times, says little. */
const DEFAULTS = {
  'end-to-end': { seconds: '60', runs: '1' },
  registry: { seconds: '60', runs: '1' },
};

export const HELP = `Usage: npm run bench -- <name> [options]

${Object.entries(BENCHMARKS)
  .map(([name, what]) => `  ${name.padEnd(14)} ${what}`)
  .join('\n')}

  --seconds <n>     length of one run (default 10; end-to-end and registry 60;
                    not of seal)
  --runs <n>        runs of each case; figures are their medians (default 5;
                    end-to-end and registry always have one)
  --types <n>       event types there are (registry only; default 2,000)
  --rate <n>        events per second that are offered (end-to-end only;
                    default 75,000)
  --profile         one more run with CPU profiles, and where the time went
  --no-report       leave docs/performance.md as it is
  --data-dir <dir>  where the data lies while it is measured (default: the
                    system's temporary folder); its disk is measured too
  --help            this text

Ends with one line of JSON, and with exit code 1 when a bar is missed.
`;

/**
 * @param {string[]} args
 * @returns {{ help: true } | { help: false, name: string, seconds: number,
 *   runs: number, rate?: number, types?: number, profile: boolean, report: boolean, dataDir?: string }}
 * @throws SetupError naming the argument and the right form
 */
export function parseBenchArgs(args) {
  const { values, positionals } = parse(args);
  if (values.help) return { help: true };
  const [name, ...others] = positionals;
  if (!Object.hasOwn(BENCHMARKS, name ?? '') || others.length > 0) {
    throw new SetupError({
      what: `'${positionals.join(' ')}' is not a benchmark.`,
      todo: `Name one: ${Object.keys(BENCHMARKS).join(', ')}.`,
    });
  }
  for (const [option, owner] of [
    ['rate', 'end-to-end'],
    ['types', 'registry'],
  ]) {
    if (values[option] !== undefined && name !== owner) {
      throw new SetupError({
        what: `--${option} means nothing to ${name}.`,
        todo: `Leave it away, or run ${owner}.`,
      });
    }
  }
  const { seconds = '10', runs = '5' } = { ...DEFAULTS[name], ...values };
  return {
    help: false,
    name,
    seconds: readNumber('seconds', seconds, 0.5, 3_600),
    runs: Math.round(readNumber('runs', runs, 1, 100)),
    rate:
      values.rate === undefined
        ? undefined
        : readNumber('rate', values.rate, 500, 1_000_000),
    ...(name === 'registry' && {
      types: Math.round(readNumber('types', values.types ?? '2000', 10, 4_000)),
    }),
    profile: values.profile ?? false,
    report: !values['no-report'],
    dataDir: values['data-dir'],
  };
}

function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        seconds: { type: 'string' },
        runs: { type: 'string' },
        rate: { type: 'string' },
        types: { type: 'string' },
        profile: { type: 'boolean' },
        'no-report': { type: 'boolean' },
        'data-dir': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new SetupError({
      what: `${error.message.split(/\.\s/)[0].replace(/\.$/, '')}.`,
      todo: 'npm run bench -- --help lists the options.',
    });
  }
}

function readNumber(name, text, least, most) {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new SetupError({
      what: `--${name} is '${text}'.`,
      todo: `Give a number from ${least} to ${most}.`,
    });
  }
  return value;
}
