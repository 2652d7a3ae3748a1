import { createRandom } from '../lib/random.mjs';
import { BUCKET_SECONDS, pathOf, sealOf, TYPES } from './estate.mjs';
import { createGateway } from './gateway.mjs';
import { LedgerModel } from './ledgerModel.mjs';
import { createWorker } from './worker.mjs';

const BUCKET_MS = BUCKET_SECONDS * 1_000;
const START = Date.UTC(2026, 0, 10, 12);
const STEPS = 160;
/** Monitoring may be so many measures late. */
const MAX_READINGS = 12;
/** What is told of a history that went wrong: its last lines. */
const MAX_STORY = 80;
/** Enough for leases to run out and everything that waits for them. */
const QUIET_ROUNDS = 400;
const HOUR_MS = 60 * 60_000;
const JUMPS_MS = [2 * HOUR_MS, -2 * HOUR_MS, 5 * 365 * 24 * HOUR_MS];

/** See the bugs in docs/reliability.md; one that is mended goes from here. */
export const KNOWN_BUGS = [
  /** The broker's clock jumps ahead, and with it the times of messages. */
  'broker-ahead',
];

/** An invariant did not hold. */
export class Violation extends Error {}

/**
 * One history, chosen by its seed alone: gateways, broker, workers and ledger
 * over one clock, in one thread. In each step something happens that could
 * happen next: a request, a commit, a message that is delivered again, one step
 * of a consumer or a sealer, a crash, a stall, a jump of a clock, the ledger
 * going away or answering what nobody hears. Invariants are checked after every
 * step; at the end the faults cease, and everything has to be delivered.
 *
 * Real code: the gateway's books and declarations (`BucketBook`, `Declarer`,
 * `createReceiveClock`) and the rule of closing (`decideClosing`). Models: the
 * ledger, which is held against Postgres by `modelCheck.mjs`, and the steps of
 * consumer and sealer, the broker, the disk and the lake.
 *
 * @param {number} seed
 * @param {{ knownBug?: string }} options `knownBug`: lets one of the bugs
 *   happen that are known and not mended (`KNOWN_BUGS`)
 * @returns {Promise<{ steps: number, accepted: number, delivered: number,
 *   partitions: number }>}
 * @throws Violation with the last things that happened
 */
export async function runHistory(seed, { knownBug } = {}) {
  if (knownBug !== undefined && !KNOWN_BUGS.includes(knownBug)) {
    throw new Error(`Known bugs are ${KNOWN_BUGS.join(', ')}`);
  }
  const world = createWorld(seed, { knownBug });
  try {
    for (let step = 0; step < STEPS; step += 1) {
      await world.step();
      world.check();
    }
    await world.settle();
  } catch (error) {
    if (!(error instanceof Violation)) {
      error.message = `${error.message}\n${world.lastWords()}`;
      throw error;
    }
    throw new Violation(`${error.message}\n${world.lastWords()}`);
  }
  return world.figures();
}

function createWorld(seed, { knownBug }) {
  const random = createRandom(`simulate ${seed}`);
  const story = [];
  const world = {
    random,
    isKnownBug: name => name === knownBug,
    now: START,
    isLedgerUp: true,
    /** The broker's measure of time is off by so much. */
    brokerOffsetMs: 0,
    /** @type {Map<string, object[]>} messages by type */
    broker: new Map(TYPES.map(type => [type, []])),
    /** Measures of the backlog by type, the newest last. */
    readings: new Map(TYPES.map(type => [type, []])),
    /** Staged files by path. @type {Map<string, object>} */
    disk: new Map(),
    /** Sealed partitions by path. @type {Map<string, object>} */
    lake: new Map(),
    /** What a sender was told is accepted: key of the event by type. */
    promised: new Map(TYPES.map(type => [type, new Set()])),
    /** Confirmed batches of lives that the ledger knew of, by type and bucket. */
    confirmed: new Map(),
    /** To be sent again, because nobody said that they were accepted. */
    unanswered: [],
    /** A stream that has broken off gives nothing before. */
    deliversFrom: START,
    nextEvent: 1,
    nextFile: 1,
    nextMessage: 1,
    tell(text) {
      // Without faults nothing happens that is worth telling.
      if (world.isQuiet && story.length > MAX_STORY) return;
      story.push(`${((world.now - START) / 1_000).toFixed(1)}s ${text}`);
    },
    fail(text) {
      throw new Violation(`violated: ${text}`);
    },
    chance: share => random.next() < share,
    pick: items => items[Math.floor(random.next() * items.length)],
    lastWords: () => story.slice(-MAX_STORY).join('\n'),
    figures: () => ({
      steps: STEPS,
      accepted: count(world.promised.values(), ({ size }) => size),
      delivered: count(world.lake.values(), ({ keys }) => keys.length),
      partitions: world.lake.size,
    }),
  };
  world.ledger = new LedgerModel({ dbNow: () => new Date(world.now) });
  world.ledger.bucketSeconds = BUCKET_SECONDS;
  TYPES.forEach(type => world.ledger.provision(type, new Date(START)));
  const gateways = ['g1', 'g2'].map(name => createGateway(world, name));
  const workers = ['w1', 'w2'].map(name => createWorker(world, name));
  gateways.forEach(gateway => gateway.start());
  workers.forEach(worker => worker.start());
  world.gateways = gateways;

  function pass(ms) {
    world.now += ms;
    for (const gateway of gateways) gateway.beat();
    TYPES.forEach(measure);
  }

  /** The broker measures its backlog of a type, again and again. */
  function measure(type) {
    const now = world.now + world.brokerOffsetMs;
    const waiting = world.broker
      .get(type)
      .filter(({ isAcknowledged }) => !isAcknowledged);
    const oldest = Math.min(...waiting.map(each => each.publishedAt));
    const readings = world.readings.get(type);
    readings.push({
      measuredAt: new Date(now),
      oldestUnackedAgeSeconds:
        waiting.length === 0
          ? 0
          : Math.max(0, Math.floor((now - oldest) / 1_000)),
      undelivered: waiting.length,
    });
    if (readings.length > MAX_READINGS) readings.shift();
  }

  /** What may happen next, each with its weight. */
  const happenings = [
    [8, () => pass(random.next() * 3_000)],
    [1, () => pass(random.next() * 20_000)],
    [10, () => world.pick(gateways).receive()],
    [14, () => world.pick(gateways).publishSome()],
    [6, () => world.pick(gateways).declare()],
    [16, () => world.pick(workers).consume()],
    [30, () => world.pick(workers).seal()],
    [1, () => world.pick(gateways).crash()],
    [0.5, () => world.pick(gateways).stop()],
    [0.7, () => world.pick(workers).crash()],
    [0.7, () => world.pick(workers).stall(random.next() * 120_000)],
    [0.5, () => world.pick(workers).clearLeftovers()],
    [0.5, () => world.pick(gateways).part()],
    [
      0.5,
      () => {
        world.isLedgerUp = !world.isLedgerUp;
        world.tell(`the ledger is ${world.isLedgerUp ? 'back' : 'away'}`);
      },
    ],
    [
      0.7,
      () => {
        const ms = world.random.next() * 60_000;
        world.deliversFrom = world.now + ms;
        world.tell(`nothing is delivered for ${Math.round(ms / 1_000)} s`);
      },
    ],
    [0.6, () => jump()],
    [0.6, () => fixClocks()],
  ];
  const total = happenings.reduce((sum, [weight]) => sum + weight, 0);

  /** One clock at a time is wrong. */
  function jump() {
    if (world.isClockWrong) return;
    world.isClockWrong = true;
    const offsetMs = world.pick(JUMPS_MS);
    const [name, set] = world.pick([
      ...workers.map(worker => [
        worker.name,
        () => {
          worker.offsetMs = offsetMs;
        },
      ]),
      [
        'broker',
        () => {
          world.brokerOffsetMs = world.isKnownBug('broker-ahead')
            ? offsetMs
            : -Math.abs(offsetMs);
        },
      ],
      ...gateways.map(gateway => [
        gateway.name,
        () => {
          gateway.offsetMs = offsetMs;
        },
      ]),
    ]);
    set();
    world.tell(`the clock of ${name} jumps by ${offsetMs / HOUR_MS} h`);
  }

  function fixClocks() {
    world.isClockWrong = false;
    world.brokerOffsetMs = 0;
    for (const each of [...workers, ...gateways]) each.offsetMs = 0;
  }

  world.step = async () => {
    let at = random.next() * total;
    for (const [weight, happen] of happenings) {
      at -= weight;
      if (at < 0) {
        await happen();
        return;
      }
    }
  };

  world.check = () => check(world);

  world.settle = async () => {
    world.tell('the faults cease');
    world.isLedgerUp = true;
    world.deliversFrom = world.now;
    world.isQuiet = true;
    fixClocks();
    for (const gateway of gateways) await gateway.settle();
    for (let round = 0; round < QUIET_ROUNDS; round += 1) {
      pass(1_000);
      for (const gateway of gateways) {
        gateway.publishAll();
        await gateway.declare();
      }
      for (const worker of workers) worker.runAll();
      world.check();
      if (round > 30 && isDone(world)) return;
    }
    world.fail(`stuck: ${whatIsLeft(world)}`);
  };
  return world;
}

/** What must hold after every step. */
function check(world) {
  const { ledger, lake, disk, broker } = world;
  for (const [file, { sealed, seal }] of lake) {
    if (seal !== sealOf(sealed)) world.fail(`${file} has changed`);
  }
  for (const type of TYPES) {
    const delivered = new Set();
    for (const { sealed } of lake.values()) {
      if (sealed.type !== type) continue;
      for (const key of sealed.keys) {
        if (delivered.has(key)) world.fail(`${key} of ${type} is there twice`);
        delivered.add(key);
      }
    }
    // Where is what was accepted? Accepted means durable, at every moment.
    const there = new Set(delivered);
    for (const { isAcknowledged, keys } of broker.get(type)) {
      if (!isAcknowledged) keys.forEach(key => there.add(key));
    }
    for (const staged of ledger.staged.values()) {
      if (staged.header.eventType !== type || staged.isConsumed) continue;
      const file = disk.get(staged.stagedFile);
      if (!file) {
        world.fail(`${staged.stagedFile} is recorded and is not there`);
      }
      file.batches
        .find(({ id }) => id === staged.offsetBytes)
        ?.keys.forEach(key => there.add(key));
    }
    for (const key of world.promised.get(type)) {
      if (!there.has(key)) world.fail(`${key} of ${type} is lost`);
    }
  }
  for (const partition of ledger.partitions.values()) {
    if (partition.start + BUCKET_MS > world.now) {
      world.fail(
        `a bucket of ${partition.eventType} is ${partition.state} before its end`,
      );
    }
    if (partition.state !== 'sealed') continue;
    const file = lake.get(pathOf(partition.eventType, partition.start));
    if (!file) world.fail('a partition is sealed and is not in the lake');
    const { accepted, delivered, duplicates } = partition.counts;
    if (
      accepted !== delivered + duplicates ||
      delivered !== file.sealed.keys.length
    ) {
      world.fail('the books of a partition do not close');
    }
  }
}

function isDone(world) {
  return whatIsLeft(world) === '';
}

function whatIsLeft({ ledger, promised, lake, broker, now }) {
  const left = [];
  for (const type of TYPES) {
    const delivered = new Set(
      [...lake.values()].flatMap(({ sealed }) =>
        sealed.type === type ? sealed.keys : [],
      ),
    );
    const missing = [...promised.get(type)].filter(key => !delivered.has(key));
    if (missing.length > 0) left.push(`${missing.length} events of ${type}`);
    const unread = broker.get(type).filter(each => !each.isAcknowledged);
    if (unread.length > 0) left.push(`${unread.length} messages of ${type}`);
  }
  const due = ledger.listBucketsToClose({
    // Those that ended long enough ago for every lease to have run out.
    now: new Date(now - 60_000),
    graceMs: 500,
  });
  if (due.length > 0) left.push(`${due.length} buckets are due`);
  const staged = [...ledger.staged.values()].filter(each => !each.isConsumed);
  if (staged.length > 0) left.push(`${staged.length} batches are staged`);
  return left.join(', ');
}

function count(items, valueOf) {
  return [...items].reduce((sum, item) => sum + valueOf(item), 0);
}
