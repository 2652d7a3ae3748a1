// The fault campaigns, run by the Node that `scripts/faults.mjs` found.
import { parseArgs } from 'node:util';
import { SetupError } from '../lib/errors.mjs';
import { runMain } from '../lib/main.mjs';

export const HELP = `Usage: npm run faults -- <campaign> [options]

  ingest    kill -9, failing calls and full disks at every durable boundary
            between the SDK's queue and the broker's store
    --seed <text>     chooses among the boundaries (default 1)
    --points <n>      kill points to reach (default 320)
    --only <point>    one cycle alone, as a failure printed it; or one of the
                      stages full-disk and sealed
    --planted         plants known defects instead and sees them caught

  delivery  the same from the broker to the sealed partition: the worker and the
            database processes that commit for it; then a storm of repeats,
            sealers that wake up after another took over, restarts, clocks
    --seed <text>, --points <n>, --only <point>
                      as above; or one of the stages storm, zombies, restarts
                      and clock

  simulate  the rules of closing, sealing and counting in a seeded simulator
    --seeds <n>       how many histories (default 10000)
    --seed <n>        one history alone, as a failure printed it

  compatibility
            verdicts on generated pairs of schemas, against what reads in Avro
            (avsc), at a gateway and in a table
    --pairs <n>       how many, each in both directions (default 10000)
    --seed <n>        where to begin, as a disagreement printed it (default 1)

  planted   known defects of delivery, each of which must be caught
    --only <name>     one of them

  outage    broker and database killed and frozen under load
    --seconds <n>     how long each is away (default 60)

  hostile   what senders of bad will may send: every text of two corpora in
            every place of a request, and bombs
`;

await runMain(async () => {
  const { values, positionals } = parse();
  const context = { node: process.execPath, env: process.env };
  const seed = values.seed ?? '1';
  switch (positionals[0]) {
    case 'ingest': {
      if (values.planted) {
        const { runPlanted } = await import('./planted.mjs');
        return runPlanted({ ...context, seed });
      }
      const { runIngest } = await import('./ingest.mjs');
      const points = wholeNumber('points', values.points ?? '320');
      return runIngest({ ...context, seed, points, only: values.only });
    }
    case 'delivery': {
      const { runDelivery } = await import('./delivery.mjs');
      const points = wholeNumber('points', values.points ?? '320');
      return runDelivery({ ...context, seed, points, only: values.only });
    }
    case 'simulate': {
      const { runSimulate } = await import('./simulate.mjs');
      const seeds = wholeNumber('seeds', values.seeds ?? '10000');
      return runSimulate({ ...context, seeds, only: values.seed });
    }
    case 'compatibility': {
      const { PAIRS_PER_SEED, runCompatibility } = await import(
        './compatibility.mjs'
      );
      // A seed that was printed is replayed alone.
      const all = values.seed === undefined ? 10_000 : PAIRS_PER_SEED;
      const pairs = wholeNumber('pairs', values.pairs ?? String(all));
      return runCompatibility({ pairs, seed: wholeNumber('seed', seed) });
    }
    case 'planted': {
      const { runDeliveryPlanted } = await import('./deliveryPlanted.mjs');
      return runDeliveryPlanted({ ...context, seed, only: values.only });
    }
    case 'outage': {
      const { runOutage } = await import('./outage.mjs');
      const seconds = wholeNumber('seconds', values.seconds ?? '60');
      return runOutage({ ...context, seconds });
    }
    case 'hostile': {
      const { runHostile } = await import('./hostile.mjs');
      return runHostile(context);
    }
    default:
      process.stdout.write(HELP);
      return values.help ? 0 : 1;
  }
});

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        points: { type: 'string' },
        seeds: { type: 'string' },
        pairs: { type: 'string' },
        only: { type: 'string' },
        planted: { type: 'boolean' },
        seconds: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new SetupError({
      what: error.message,
      todo: 'Look at the options: npm run faults -- --help',
    });
  }
}

function wholeNumber(name, text) {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new SetupError({
      what: `--${name} is '${text}'.`,
      todo: `Give --${name} a whole number above 0.`,
    });
  }
  return Number(text);
}
