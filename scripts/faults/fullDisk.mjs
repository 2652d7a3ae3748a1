import fs from 'node:fs';
import path from 'node:path';
import { mountSmallDisk } from './lib/capabilities.mjs';
import { isAnswered, offer, settleAndJudge } from './lib/cycle.mjs';
import { createLab } from './lib/lab.mjs';
import { say } from './lib/report.mjs';
import { until } from './lib/wait.mjs';

const MIB = 2 ** 20;
const BLOCK = 4_096;
/** More than the broker keeps free and in reserve. */
const BROKER_DISK = 640 * MIB;
const SDK_DISK = MIB;
const LIMIT_MS = 60_000;

/**
 * Full disks under the broker's store and under the SDK's queue: what was
 * promised before is kept, what cannot be kept is not promised, and when there
 * is room again everything goes on by itself.
 */
export async function runFullDisks({ node, env }) {
  const broker = await withDisk('broker', BROKER_DISK, disk =>
    fillBroker({ node, env, disk }),
  );
  const sdk = await withDisk('sdk', SDK_DISK, disk =>
    fillSdk({ node, env, disk }),
  );
  return {
    problems: [...broker.problems, ...sdk.problems],
    figures: { broker: broker.figures, sdk: sdk.figures },
    counts: {
      lost: broker.counts.lost + sdk.counts.lost,
      duplicates: broker.counts.duplicates + sdk.counts.duplicates,
    },
  };
}

async function withDisk(name, bytes, work) {
  const disk = await mountSmallDisk(name, bytes);
  try {
    return await work(disk.dir);
  } finally {
    await disk.close();
  }
}

async function fillBroker({ node, env, disk }) {
  say('a full disk under the broker');
  const lab = await createLab({ node, env, places: { broker: disk } });
  const cycle = 'full-broker';
  try {
    const { broker } = lab.victims;
    const before = offer(lab, cycle, `${cycle}-before`);
    await until(() => areAnswered(lab, before), LIMIT_MS);
    fill(disk, 0);
    const during = [];
    let restarts = 0;
    const saw503 = () => lab.recorder.statuses.get(503) ?? 0;
    // Until the gateway has said so a few times; a broker that ended because a
    // commit failed is started again, as its supervisor does.
    const wasTold = await until(async () => {
      if (!broker.isRunning) {
        restarts += 1;
        await broker.start();
      }
      if (during.length < 60) {
        during.push(...offer(lab, cycle, `${cycle}-during-${during.length}`));
      }
      return saw503() > 0;
    }, LIMIT_MS);
    if (!broker.isRunning) await broker.start();
    const startsWhenFull = broker.isRunning;
    const drained = await lab.drain.drainOnce().catch(() => -1);
    empty(disk);
    if (!broker.isRunning) await broker.startHealthy();
    const { counts, problems } = await settleAndJudge(lab, cycle, {
      mayResend: false,
      mayRepeatBatch: true,
    });
    if (!wasTold) problems.push('the gateway never answered 503');
    if (!startsWhenFull) {
      problems.push(
        'the broker does not start on a full disk, so nothing can be taken off it to make room',
      );
    }
    if (!during.every(({ id }) => isAnswered(lab.journal, id))) {
      problems.push('the sender did not go on when there was room again');
    }
    return {
      problems,
      counts,
      figures: {
        events: counts.events,
        answers503: saw503(),
        restarts,
        startsWhenFull,
        drainedWhenFull: drained,
      },
    };
  } finally {
    await lab.close();
  }
}

async function fillSdk({ node, env, disk }) {
  say('a full disk under the queue of the SDK');
  const queue = path.join(disk, 'queue');
  const lab = await createLab({ node, env, places: { sdk: queue } });
  const cycle = 'full-sdk';
  try {
    // From no room at all to room for some, a block at a time; each time with a
    // sender that runs and with one that starts.
    for (let freeBlocks = 0; freeBlocks < 6; freeBlocks += 1) {
      fill(disk, freeBlocks);
      const events = offer(lab, cycle, `${cycle}-${freeBlocks}`);
      await until(
        () =>
          areAnswered(lab, events) ||
          events.every(({ id }) => lab.journal.entries.get(id).isKept),
        LIMIT_MS,
      );
      await lab.victims.sdk.kill();
      await lab.victims.sdk.start();
      empty(disk);
      if (!lab.victims.sdk.isRunning) await lab.victims.sdk.startHealthy();
      const after = offer(lab, cycle, `${cycle}-${freeBlocks}-after`);
      const goesOn = await until(() => areAnswered(lab, after), LIMIT_MS);
      if (!goesOn) break;
    }
    const { counts, problems } = await settleAndJudge(lab, cycle, {
      mayResend: true,
      mayRepeatBatch: false,
    });
    const refused = [...lab.journal.notTaken.values()];
    if (refused.length === 0) {
      problems.push('the queue took everything: the disk was not full');
    }
    const after = lab.journal.of(cycle).filter(({ id }) => /after/.test(id));
    if (!after.every(({ verdict }) => verdict)) {
      problems.push('the sender did not go on when there was room again');
    }
    return {
      problems,
      counts,
      figures: { events: counts.events, notTaken: refused.length },
    };
  } finally {
    await lab.close();
  }
}

const areAnswered = (lab, events) =>
  events.every(({ id }) => isAnswered(lab.journal, id));

/** Takes all the room there is but for some blocks. */
function fill(dir, freeBlocks) {
  const descriptor = fs.openSync(path.join(dir, 'filler'), 'w');
  let bytes = 0;
  for (const size of [MIB, BLOCK, 512, 1]) {
    const block = Buffer.alloc(size);
    try {
      for (;;) bytes += fs.writeSync(descriptor, block, 0, size, bytes);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }
  fs.ftruncateSync(descriptor, Math.max(0, bytes - freeBlocks * BLOCK));
  fs.closeSync(descriptor);
}

function empty(dir) {
  fs.rmSync(path.join(dir, 'filler'), { force: true });
}
