import { decideClosing, dependsOnBacklog } from './rooms.mjs';
import { pathOf, sealOf, TYPES } from './estate.mjs';

const LEASE_MS = 60_000;
const GRACE_MS = 500;
const LEFTOVER_AGE_MS = 45 * 60_000;
const MAX_MESSAGES = 4;
/** A run that does not come to its end is a defect of the model. */
const MAX_STEPS = 100_000;

/**
 * One worker: the steps of consumer and sealer, each a generator that stops
 * wherever the real one waits for disk, ledger, broker or lake. A crash leaves
 * it where it stands; a stall makes it a zombie.
 */
export function createWorker(world, name) {
  const { ledger } = world;
  let consumers;
  let sealer;
  let unrecorded;
  /** Since when this life has seen files that the ledger does not know. */
  let unknownSince;
  let stalledUntil = 0;

  const worker = {
    name,
    offsetMs: 0,

    start() {
      consumers = new Map();
      sealer = undefined;
      unrecorded = new Map(TYPES.map(type => [type, []]));
      unknownSince = new Map();
      stalledUntil = 0;
    },

    crash() {
      world.tell(`${name} is killed`);
      worker.start();
    },

    stall(ms) {
      stalledUntil = world.now + ms;
      world.tell(`${name} stands still for ${Math.round(ms / 1_000)} s`);
    },

    consume() {
      if (world.now < Math.max(stalledUntil, world.deliversFrom)) return;
      const type = world.pick(TYPES);
      if (!consumers.has(type)) consumers.set(type, consume(type));
      if (advance(consumers.get(type))) consumers.delete(type);
    },

    seal() {
      if (world.now < stalledUntil) return;
      sealer ??= seal(world.pick(TYPES));
      if (advance(sealer)) sealer = undefined;
    },

    /** Everything it has to do now, to the end. */
    runAll() {
      stalledUntil = 0;
      for (const type of TYPES) {
        const consumer = consumers.get(type) ?? consume(type);
        consumers.delete(type);
        for (let n = 0; !advance(consumer); n += 1) atMost(n);
        sealer ??= seal(type);
        for (let n = 0; !advance(sealer); n += 1) atMost(n);
        sealer = undefined;
      }
    },

    /** As `createLeftoverSweep` does: by what the process has lived through. */
    clearLeftovers() {
      if (!world.isLedgerUp || world.now < stalledUntil) return;
      const uses = ledger.classifyStagedFiles({
        paths: [...world.disk.keys()],
      });
      for (const [path, use] of uses) {
        if (use === 'unknown' && !unknownSince.has(path)) {
          unknownSince.set(path, world.now);
        }
        const ageMs = world.now - unknownSince.get(path);
        if (
          use === 'consumed' ||
          (use === 'unknown' && ageMs > LEFTOVER_AGE_MS)
        ) {
          world.disk.delete(path);
          world.tell(`${name} clears ${path} away, which is ${use}`);
        }
      }
    },
  };

  const clock = () => world.now + worker.offsetMs;

  /** @returns {boolean} whether it has come to its end */
  function advance(steps) {
    try {
      return steps.next().done === true;
    } catch (error) {
      if (error.code === undefined) throw error;
      return true;
    }
  }

  function atMost(steps) {
    if (steps > MAX_STEPS) throw new Error('A run has no end');
  }

  /** Ledger calls take time, fail, and succeed without anybody hearing of it. */
  function* ask(operation, options) {
    yield;
    if (!world.isLedgerUp) throw unreachable();
    const answer = ledger[operation](options);
    if (!world.isQuiet && world.chance(0.04)) {
      world.tell(`${name} does not hear the answer to ${operation}`);
      throw unreachable();
    }
    yield;
    return answer;
  }

  function* consume(type) {
    const known = new Set(
      unrecorded.get(type).flatMap(({ messages }) => messages),
    );
    const messages = world.broker
      .get(type)
      .filter(message => !message.isAcknowledged || isGivenAgain(message))
      .filter(message => !known.has(message))
      .slice(0, MAX_MESSAGES);
    write(type, messages);
    while (unrecorded.get(type).length > 0) {
      const [file] = unrecorded.get(type);
      const { setAside } = yield* ask('recordStagedBatches', {
        batches: file.batches,
        now: new Date(clock()),
      });
      unrecorded.get(type).shift();
      const again = new Set(setAside);
      const anew = [];
      for (const [at, message] of file.messages.entries()) {
        if (again.has(file.batches[at])) {
          anew.push(message);
        } else {
          yield;
          message.isAcknowledged = true;
        }
      }
      write(type, anew);
    }
  }

  const isGivenAgain = () => !world.isQuiet && world.chance(0.02);

  /** One file per receive bucket. */
  function write(type, messages) {
    const groups = new Map();
    for (const message of messages) {
      const start = message.header.bucket.start.getTime();
      groups.set(start, [...(groups.get(start) ?? []), message]);
    }
    for (const group of groups.values()) {
      const path = `${type}/${world.nextFile++}`;
      const batches = group.map(({ id, header, keys, publishedAt }) => ({
        header,
        stagedFile: path,
        // Tells two deliveries of one batch apart.
        offsetBytes: id,
        lengthBytes: 1,
        publishedAt: new Date(publishedAt),
        messageId: String(id),
        keys,
      }));
      world.disk.set(path, {
        // The disk has a time of its own.
        writtenAt: world.now,
        batches: batches.map(({ offsetBytes, keys }) => ({
          id: offsetBytes,
          keys,
        })),
      });
      unrecorded.get(type).push({ path, batches, messages: group });
    }
  }

  function* seal(type) {
    const listedAt = world.now;
    const due = yield* ask('listBucketsToClose', {
      now: new Date(clock()),
      graceMs: GRACE_MS,
    });
    let fencingToken;
    let isClean = true;
    for (const { eventType, bucket } of due) {
      if (eventType !== type) continue;
      try {
        const decision = yield* decide(type, bucket);
        if (decision.verdict === 'blocked') continue;
        if (fencingToken === undefined) {
          if (world.now - listedAt > LEASE_MS) return;
          const lease = yield* ask('claimLease', {
            resource: `seal:${type}`,
            holder: name,
            leaseMs: LEASE_MS,
          });
          if (!lease) return;
          fencingToken = lease.fencingToken;
        }
        yield* sealBucket(type, bucket, decision, fencingToken);
      } catch (error) {
        if (error.code === undefined) throw error;
        if (error.code === 'partition_already_sealed') continue;
        isClean = false;
        if (world.lake.has(pathOf(type, bucket.start.getTime()))) break;
        if (error.code === 'fencing_token_stale') break;
      }
    }
    if (fencingToken !== undefined && isClean) {
      yield* ask('releaseLease', { resource: `seal:${type}`, fencingToken });
    }
  }

  function* decide(eventType, bucket) {
    const begun = yield* ask('getPartition', {
      eventType,
      bucketStart: bucket.start,
    });
    if (begun?.state === 'sealing') return begun.decision;
    const inputs = yield* ask('readClosingInputs', { eventType, bucket });
    const question = { ...inputs, bucket, now: new Date(clock()) };
    const backlog = dependsOnBacklog(question)
      ? yield* measure(eventType)
      : undefined;
    return decideClosing(question, backlog);
  }

  /** What monitoring has: the newest measure, or one that is minutes old. */
  function* measure(type) {
    if (!world.isQuiet && world.chance(0.1)) return undefined;
    const readings = world.readings.get(type);
    yield;
    return !world.isQuiet && world.chance(0.5)
      ? world.pick(readings)
      : readings.at(-1);
  }

  function* sealBucket(type, bucket, decision, fencingToken) {
    const start = bucket.start.getTime();
    const work = yield* ask('beginSealing', {
      eventType: type,
      bucket,
      fencingToken,
      decision,
    });
    assertComplete(type, start, work);
    // Before anything is compared, and never again.
    const idFiles = yield* ask('listIdFiles', { eventType: type });
    const events = [];
    for (const { path, offsetBytes } of work.stagedFiles) {
      yield;
      const file = world.disk.get(path);
      if (!file) {
        const isSealed = world.lake.has(pathOf(type, start));
        if (isSealed) throw coded('staged_file_damaged');
        world.fail(`${path} is frozen in a bucket and is not there`);
      }
      events.push(...file.batches.find(({ id }) => id === offsetBytes).keys);
    }
    const unique = [...new Set(events)].sort();
    const known = new Set(
      idFiles.files.flatMap(({ path }) => world.lake.get(path).keys),
    );
    const keys = unique.filter(key => !known.has(key));
    const counts = {
      accepted: events.length,
      delivered: keys.length,
      duplicates: events.length - keys.length,
      refused: 0,
    };
    const isOurs = yield* ask('renewLease', {
      resource: `seal:${type}`,
      fencingToken,
      leaseMs: LEASE_MS,
    });
    if (!isOurs) throw coded('fencing_token_stale');

    const { partitionId } = work;
    yield* ask('beginPublishing', { partitionId, fencingToken });
    const path = pathOf(type, start);
    yield;
    if (!world.lake.has(path)) {
      const sealed = { type, keys, counts, sealedAt: clock() };
      world.lake.set(path, { sealed, keys, seal: sealOf(sealed) });
      world.tell(`${name} publishes ${path} with ${keys.length} events`);
    }
    const { sealed } = world.lake.get(path);
    if (
      JSON.stringify([sealed.counts, sealed.keys]) !==
      JSON.stringify([counts, keys])
    ) {
      throw coded('published_partition_differs');
    }
    yield* ask('commitPartition', {
      partitionId,
      fencingToken,
      counts: sealed.counts,
      manifest: { path, sha256: sealOf(sealed) },
      ids:
        keys.length === 0
          ? undefined
          : { path, rows: keys.length, seenThrough: idFiles.seenThrough },
    });
    world.tell(`${name} commits ${path}`);

    const paths = work.stagedFiles.map(each => each.path);
    const uses = yield* ask('classifyStagedFiles', { paths });
    for (const [file, use] of uses) {
      if (use === 'consumed') world.disk.delete(file);
    }
  }

  /** Nothing that a gateway known to the ledger has confirmed is missing. */
  function assertComplete(type, start, work) {
    const frozen = new Set(
      work.stagedFiles.map(({ header }) => nameOf(header)),
    );
    for (const batch of world.confirmed.get(`${type} ${start}`) ?? []) {
      if (!frozen.has(nameOf(batch))) {
        world.fail(
          `a bucket of ${type} was closed without batch ${batch.batch} of ${batch.epoch}`,
        );
      }
    }
  }
  return worker;
}

const nameOf = ({ gateway, epoch, batch }) => `${gateway} ${epoch} ${batch}`;

function coded(code) {
  return Object.assign(new Error(code), { code });
}

const unreachable = () => coded('unreachable');
