import path from 'node:path';
import { createRequire } from 'node:module';
import { setImmediate as breathe } from 'node:timers/promises';
import { root } from '../lib/project.mjs';
import { conclude, say } from './lib/report.mjs';

const room = path.join(root, 'packages/schema');
const require = createRequire(path.join(room, 'package.json'));
require('@backstage/cli/config/nodeTransform.cjs');
const fc = require('fast-check');
const { arbitraryPair, createTally, tryPair } = require(path.join(
  room,
  'src/__testUtils__/compatibilityTrial.ts',
));

/** Pairs of one seed: what a replay has to repeat. */
export const PAIRS_PER_SEED = 250;
/** Later ones say the same again. */
const MAX_DISAGREEMENTS = 5;
/** Each kind of verdict, and each place where values read, has to occur. */
const LEAST_SHARE = 0.05;

/**
 * `compatibility`: pairs of generated schemas are judged in both directions, and
 * an oracle that compares no types writes values with one and reads them with the
 * other: in Avro by avsc, by the validator of gateways, and by the columns of a
 * table. A verdict that one of them contradicts is a disagreement.
 *
 * @param {{ pairs: number, seed: number }} options `seed`: the first of those
 *   that are used
 * @returns {Promise<number>} exit code
 */
export async function runCompatibility({ pairs, seed }) {
  say(`${pairs} pairs of schemas, each in both directions`);
  const startedAt = performance.now();
  const figures = await tryPairs({ pairs, seed, onProgress: say });
  const seconds = (performance.now() - startedAt) / 1000;
  const few = Math.ceil(pairs * LEAST_SHARE);
  return conclude({
    name: 'compatibility',
    figures: {
      ...figures,
      pairsPerSecond: Math.round(figures.pairs / seconds),
    },
    bars: { disagreements: 0, pairs, compatible: few, incompatible: few },
    failures: [],
  });
}

/**
 * The trial itself.
 *
 * @param {{ pairs: number, seed: number, judge?: Function,
 *   onProgress?: (line: string) => void }} options `judge`: another one than is
 *   shipped, to see it contradicted
 */
export async function tryPairs({ pairs, seed, judge, onProgress = () => {} }) {
  const tally = createTally();
  let disagreements = 0;
  let done = 0;
  for (let at = seed; done < pairs; at += 1) {
    const numRuns = Math.min(PAIRS_PER_SEED, pairs - done);
    const found = tryOneSeed({ seed: at, numRuns, tally, judge });
    done += numRuns;
    if (found) {
      disagreements += 1;
      onProgress(
        `✖ ${found}\n  replay: npm run faults -- compatibility --seed ${at}`,
      );
      if (disagreements >= MAX_DISAGREEMENTS) break;
    }
    if ((at - seed) % 4 === 3) onProgress(`  ${done} of ${pairs}`);
    // A signal may want to be heard.
    await breathe();
  }
  const unread = where => tally.unread.get(where) ?? 0;
  return {
    disagreements,
    pairs: done,
    compatible: tally.compatible,
    incompatible: tally.incompatible,
    valuesRead: tally.values,
    breaks: tally.breaks,
    unreadByGateway: unread('gateway'),
    unreadByAvsc: unread('avro'),
    unreadInTable: unread('table'),
  };
}

/** What speaks against the verdicts on the pairs of one seed, made small. */
function tryOneSeed({ seed, numRuns, tally, judge }) {
  let against = [];
  const { failed, counterexample } = fc.check(
    fc.property(arbitraryPair, pair => {
      const found = tryPair(pair, tally, judge);
      if (found.length > 0) against = found;
      return found.length === 0;
    }),
    { numRuns, seed },
  );
  return failed
    ? `disagreement: ${against.join('; ')}\n  ${JSON.stringify(counterexample)}`
    : undefined;
}
