import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { readBooks } from '../../oracle/books.mjs';
import { compare } from '../../oracle/compare.mjs';
import { readLake } from '../../oracle/lake.mjs';
import { createSealWatch } from '../../oracle/seals.mjs';
import { createLab } from '../lib/lab.mjs';
import { createRandom } from '../lib/random.mjs';
import { ledger } from '../lib/rooms.mjs';
import { startLoad } from './load.mjs';

const BUCKET_SECONDS = 2;
/**
 * How long nothing may get better while there is something to wait for. A bucket
 * of a gateway that was killed closes when its lease has run out.
 */
const SEAL_LIMIT_MS = 90_000;
const LOOK_EVERY_MS = 500;
/** How many problems are told of one judgement. */
const MAX_PROBLEMS = 40;

/**
 * An installation whose delivery is put under test: database with the settings
 * of production, broker, two gateways, a worker, a sender without an SDK, and
 * the oracle with a look at every file as soon as it is sealed.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, seed: string, name: string,
 *   mix?: import('./load.mjs').Mix, preload?: Record<string, string | string[]>,
 *   workerThreads?: number, sealLimitMs?: number }} options `name` of what is
 *   being tried, part of its seed
 */
export async function createRig(options) {
  const { node, env, seed, name, mix, preload, workerThreads } = options;
  const { sealLimitMs = SEAL_LIMIT_MS } = options;
  const random = createRandom(`${seed} ${name}`);
  const lab = await createLab({
    node,
    env,
    preload,
    workerThreads,
    bucketSeconds: BUCKET_SECONDS,
    withWorker: true,
    withSender: false,
    gateways: 2,
    isDurable: true,
  });
  const load = startLoad({
    gatewayUrls: lab.gatewayUrls,
    writeKey: lab.writeKey,
    bucketMs: BUCKET_SECONDS * 1_000,
    random: createRandom(`${seed} ${name} load`),
    mix,
  });
  const watch = createSealWatch(lab.lakeRoot);
  const known = new Map();
  const counted = new Set();
  const setAside = new Set();
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      // While it is being killed a folder may come and a file not be there yet.
      await watch.look().catch(() => {});
      await pause(LOOK_EVERY_MS);
    }
  })();

  /** Asks the ledger, in a connection that may only read. */
  async function query(sql) {
    const client = new pg.Client({
      connectionString: lab.ledgerUrl,
      connectionTimeoutMillis: 5_000,
      options: '-c default_transaction_read_only=on',
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  /**
   * Messages that wait for a person: nobody dares to touch them, as workers
   * have ended over each again and again. They were killed from outside, so they
   * are tried once more, as an operator would, and counted. What is set aside for
   * any other reason stays a problem.
   */
  async function retryWhatIsSetAside() {
    const rows = await query(`
      SELECT poison_id, subscription_type, subscription, reason
      FROM poison_batches WHERE resolved_at IS NULL`);
    for (const row of rows) {
      if (row.reason !== 'ends_the_worker') continue;
      const { poison_id: poisonId, subscription_type: eventType } = row;
      const options = {
        eventType,
        poisonId,
        requestedBy: 'user:default/faults',
      };
      await ledger.requestPoisonRetry(lab.db, options);
      setAside.add(poisonId);
    }
    return rows.map(
      row => `set aside: a message of ${row.subscription}, for ${row.reason}`,
    );
  }

  async function judgeOnce() {
    const waiting = await retryWhatIsSetAside();
    const lake = await readLake(lab.lakeRoot, { known });
    const verdict = compare(load.entries, lake.rows, await listRefused(query));
    const books = await readBooks(query, lake, { counted });
    const { copies, accepted, unknown } = load.counts;
    const problems = [
      ...waiting,
      ...lake.problems,
      ...verdict.problems,
      ...books.problems,
    ];
    if (books.inFlight > 0) {
      problems.push(`stuck: ${books.inFlight} events are in flight`);
    }
    if (books.unsealed > 0) {
      problems.push(`stuck: ${books.unsealed} buckets are being sealed`);
    }
    if (books.accepted < accepted || books.accepted > accepted + unknown) {
      problems.push(
        `books: ${accepted} copies were answered accepted and ${unknown} not answered, the ledger says ${books.accepted}`,
      );
    }
    return { lake, verdict, books, problems, copies };
  }

  return {
    lab,
    load,
    random,
    query,
    bucketMs: BUCKET_SECONDS * 1_000,

    /**
     * Lets the sender finish, waits until everything is sealed and asks the
     * oracle. What is not right when nothing gets better any more is wrong.
     *
     * `maySkew: false` where every gateway lived on and could reach the ledger:
     * then a bucket closes only when everything of it has arrived.
     */
    async judge({ maySkew = true } = {}) {
      const problems = await load.settle();
      let until = Date.now() + sealLimitMs;
      let fewest = Infinity;
      let last;
      do {
        try {
          last = await judgeOnce();
        } catch (error) {
          last = { problems: [`broken: ${error.message}`] };
        }
        if (last.problems.length === 0) break;
        if (last.problems.length < fewest) {
          fewest = last.problems.length;
          until = Date.now() + sealLimitMs;
        }
        await pause(LOOK_EVERY_MS);
      } while (Date.now() < until);
      const seals = await watch.verify();
      problems.push(...last.problems, ...seals.problems);
      const { verdict, books } = last;
      if (!maySkew && books?.skewed > 0) {
        problems.push(
          `closed: ${books.skewed} events came after their bucket had been closed`,
        );
      }
      return {
        problems: problems.slice(0, MAX_PROBLEMS),
        figures: {
          events: load.entries.length,
          copies: load.counts.copies,
          swallowed: load.counts.swallowed,
          accepted: verdict?.accepted ?? 0,
          delivered: verdict?.delivered ?? 0,
          refused: verdict?.refused ?? 0,
          lost: verdict?.lost ?? 0,
          duplicates: verdict?.duplicated ?? 0,
          setAside: setAside.size,
          removedDuplicates: books?.duplicates ?? 0,
          ledgerSum: books?.sum ?? 0,
          skewed: books?.skewed ?? 0,
          partitions: books?.partitions ?? 0,
          sealedFiles: seals.files,
          changedFiles: seals.problems.length,
        },
      };
    },

    async close() {
      isWatching = false;
      await load.close();
      await watching;
      await lab.close();
    },
  };
}

async function listRefused(query) {
  const rows = await query(
    'SELECT event_id, source, event_type, reason, pointer FROM refused_events',
  );
  return rows.map(row => ({
    eventId: row.event_id,
    source: row.source,
    eventType: row.event_type,
    reason: row.reason,
    pointer: row.pointer ?? undefined,
  }));
}
