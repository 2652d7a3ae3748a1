import { createHash } from 'node:crypto';
import { Manifest, readManifest, readRows } from '@millrace/lake';
import {
  checkBalance,
  getPartition,
  listRefusedEvents,
} from '@millrace/ledger';
import { SIMPLE_SCHEMA } from '../../sealer/__testUtils__/schemas';
import {
  bucketAt,
  event,
  StageOptions,
  Workshop,
} from '../../sealer/__testUtils__/workshop';
import { TYPE } from './operations';

/*
 * What is delivered in a workshop, and what has become of it.
 */

/** One event type, and a gateway that lives for so many buckets. */
export async function openShop(
  shop: Workshop,
  buckets: number,
): Promise<Workshop> {
  await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
  await shop.gateway('g', new Date(bucketAt(buckets).start.getTime() - 1));
  return shop;
}

/** An event received in a bucket. */
export const received = (n: number, id: string, data: object = { n: 1 }) =>
  event(id, data, {
    receivedAt: new Date(bucketAt(n).start.getTime() + 500).toISOString(),
  });

/** Stages batches of a bucket and declares them. */
export async function deliver(
  shop: Workshop,
  n: number,
  batches: StageOptions[],
) {
  const files = [];
  for (const [index, batch] of batches.entries()) {
    files.push(
      await shop.stage({ bucket: bucketAt(n), batch: index + 1, ...batch }),
    );
  }
  const events = batches.flatMap(batch => batch.events).length;
  await shop.declare(bucketAt(n), { [TYPE]: batches.length }, 'g', events);
  return files;
}

export async function seal(shop: Workshop): Promise<void> {
  const sealer = shop.sealer();
  expect(await sealer.runOnce()).toMatchObject({ failed: 0 });
  await sealer.close();
}

/** The revision that readers see. */
export async function liveOf(shop: Workshop, n: number) {
  return (await getPartition(shop.db, {
    eventType: TYPE,
    bucketStart: bucketAt(n).start,
  }))!;
}

/** Ids of a revision; those marked as conflicts with a `!`. */
export async function rowsOf(shop: Workshop, n: number, revision: number) {
  const { rows, columns } = await readRows(shop.store, {
    path: shop.pathOf(n, TYPE, revision),
    limit: 1000,
  });
  const conflict = columns.findIndex(({ name }) => name === '_id_conflict');
  return rows
    .map(row => (row[conflict] ? `${row[0]}!` : String(row[0])))
    .sort();
}

export const manifestOf = async (shop: Workshop, n: number, revision: number) =>
  (await readManifest(shop.store, shop.pathOf(n, TYPE, revision))) as Manifest;

/** Of everything that is in the lake. */
export async function hashesOf(shop: Workshop, folder = TYPE) {
  const hashes: Record<string, string> = {};
  for (const key of await shop.store.list(folder)) {
    const bytes = await shop.store.get(key);
    hashes[key] = createHash('sha256').update(bytes).digest('hex');
  }
  return hashes;
}

export const balance = async (shop: Workshop) => {
  const report = await checkBalance(shop.db, {
    eventType: TYPE,
    from: bucketAt(0).start,
    to: bucketAt(60).start,
  });
  return { total: report.total, unbalanced: report.unbalanced };
};

/** With how often each was seen. */
export const refusedIds = async (shop: Workshop) =>
  (await listRefusedEvents(shop.db, { eventType: TYPE, limit: 50 }))
    .map(({ eventId, seenCount }) => `${eventId} ${seenCount}`)
    .sort();

/**
 * Three sealed buckets. Batches received in the first two came too late and are in
 * the third, with copies of events that are elsewhere.
 */
export async function openLate(empty: Workshop): Promise<Workshop> {
  const shop = await openShop(empty, 6);
  await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
  await deliver(shop, 1, [{ events: [received(1, 'b')] }]);
  await seal(shop);
  const late = { now: bucketAt(2).start, bucket: bucketAt(0) };
  await shop.stage({
    ...late,
    batch: 2,
    events: [received(0, 'l0'), received(0, 'a')],
  });
  await shop.stage({
    ...late,
    bucket: bucketAt(1),
    batch: 2,
    events: [received(1, 'l1'), received(1, 'l0')],
  });
  await deliver(shop, 2, [{ events: [received(2, 'c'), received(2, 'l1')] }]);
  await seal(shop);
  expect(await liveOf(shop, 2)).toMatchObject({ skewed: 4, delivered: 3 });
  return shop;
}
