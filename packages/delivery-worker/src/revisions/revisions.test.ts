import { readdir, rm, writeFile } from 'node:fs/promises';
import {
  cancelRevision,
  listSealedSince,
  proveReplays,
  readDueSinkLoads,
  registerSink,
} from '@millrace/ledger';
import { SIMPLE_SCHEMA } from '../sealer/__testUtils__/schemas';
import {
  bucketAt,
  event,
  HALF_PAST,
  useWorkshop,
} from '../sealer/__testUtils__/workshop';
import {
  balance,
  deliver,
  hashesOf,
  liveOf,
  manifestOf,
  openLate,
  openShop,
  received,
  refusedIds,
  rowsOf,
  seal,
} from './__testUtils__/deliveries';
import {
  approve,
  ask,
  make,
  noMoreWaiting,
  operation,
  read,
  REASON,
  revise,
  TYPE,
} from './__testUtils__/operations';

jest.setTimeout(120_000);

const workshop = useWorkshop();

/** {@link SIMPLE_SCHEMA} with a time that may be any text. */
const FLEXIBLE_SCHEMA = {
  ...SIMPLE_SCHEMA,
  fields: [
    { name: 'n', type: 'long' },
    { name: 'at', type: ['null', 'string'] },
  ],
};

describe('a preview', () => {
  it('is exact, and leaves nothing behind', async () => {
    const shop = await openShop(workshop(), 2);
    await deliver(shop, 0, [
      { events: [received(0, 'a'), received(0, 'b'), received(0, 'a')] },
      { events: [received(0, 'bad', { n: 'x' })] },
    ]);
    await seal(shop);
    const lake = await hashesOf(shop);
    const tables = async () => {
      const all: Record<string, unknown> = {};
      for (const table of [
        'partitions',
        'partition_fates',
        'partition_arrivals',
        'partition_numbering',
        'refused_events',
        'id_files',
        'staged_batches',
      ]) {
        all[table] = await shop.db(table).orderBy(1);
      }
      return all;
    };
    const ledger = await tables();

    await ask(shop, 'redeliver', [0]);
    expect(await revise(shop)).toEqual({ done: 1, waiting: 0, failed: 0 });
    const { state, changes, previewedAt } = await read(shop);
    expect(state).toBe('previewed');
    expect(previewedAt).toBeInstanceOf(Date);
    expect(changes[0].after).toEqual(changes[0].before);
    expect(changes[0].before).toMatchObject({
      accepted: 4,
      delivered: 2,
      duplicates: 1,
      refused: 1,
    });
    expect(await hashesOf(shop)).toEqual(lake);
    expect(await tables()).toEqual(ledger);
    expect(await readdir(`${shop.folder}/reviser-w`)).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^revise-/)]),
    );
  });

  it('of what is not kept any more says so', async () => {
    const shop = await openShop(workshop(), 1);
    const [file] = await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await seal(shop);
    await ask(shop, 'redeliver', [0]);
    await rm(file);
    expect(await revise(shop)).toMatchObject({ failed: 1 });
    expect(await read(shop)).toMatchObject({
      state: 'failed',
      problem: { code: 'staged_files_gone' },
    });
  });

  it('of a damaged staged file names it', async () => {
    const shop = await openShop(workshop(), 1);
    const [file] = await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await seal(shop);
    await writeFile(file, 'not what was staged');
    await ask(shop, 'redeliver', [0]);
    expect(await revise(shop)).toMatchObject({ failed: 1 });
    expect((await read(shop)).problem).toMatchObject({
      code: 'staged_file_damaged',
    });
  });

  it('that ends its worker again and again is given up', async () => {
    const shop = await openShop(workshop(), 1);
    await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await seal(shop);
    await ask(shop, 'redeliver', [0]);
    for (let attempt = 0; attempt < 3; attempt++) {
      // As a process that dies: nobody notes that it failed.
      const { db } = shop;
      await revise(shop, {
        maxAttempts: 2,
        onStep: () => {
          throw new Error('out of memory');
        },
      });
      await db('revision_operations').update({ retry_at: null });
    }
    expect(await read(shop)).toMatchObject({
      state: 'failed',
      problem: { code: 'keeps_failing' },
    });
  });
});

describe('redelivering', () => {
  it('makes a lost partition again beside the old one, and readers see the new one', async () => {
    const shop = await openShop(workshop(), 3);
    await deliver(shop, 0, [
      {
        events: [
          received(0, 'a'),
          received(0, 'b'),
          received(0, 'bad', { n: 'x' }),
        ],
      },
    ]);
    await deliver(shop, 1, [{ events: [received(1, 'a'), received(1, 'c')] }]);
    await seal(shop);
    const sealed = await hashesOf(shop);
    const before = await balance(shop);
    const done = await make(shop, 'redeliver', [0]);

    expect(done.changes[0]).toMatchObject({ fromRevision: 1, toRevision: 2 });
    expect(await hashesOf(shop)).toMatchObject(sealed);
    expect(await rowsOf(shop, 0, 2)).toEqual(await rowsOf(shop, 0, 1));
    const first = await manifestOf(shop, 0, 1);
    const second = await manifestOf(shop, 0, 2);
    expect(second).toMatchObject({
      revision: 2,
      replaces: 1,
      why: `redeliver: ${REASON}`,
      counts: first.counts,
      keySums: first.keySums,
      inputs: first.inputs,
      decision: first.decision,
      schemaVersion: first.schemaVersion,
    });
    const live = await liveOf(shop, 0);
    expect(live).toMatchObject({ revision: 2, state: 'sealed', delivered: 2 });
    expect(await balance(shop)).toEqual(before);
    expect(before.unbalanced).toEqual([]);
    expect((await shop.idsThatCount()).sort()).toEqual([0, 0, 1]);
    expect(await refusedIds(shop)).toEqual(['bad 1']);
    expect(
      (await listSealedSince(shop.db, { afterSeq: '0', limit: 9 })).at(-1),
    ).toMatchObject({
      revision: 2,
      replacedRevision: 1,
      operation: {
        kind: 'redeliver',
        reason: REASON,
        operationId: operation(1),
      },
      manifestPath: `${shop.pathOf(0, TYPE, 2)}/manifest.json`,
    });
  });

  it('works a second time, from the batches the revision took over', async () => {
    const shop = await openShop(workshop(), 1);
    await deliver(shop, 0, [{ events: [received(0, 'a'), received(0, 'b')] }]);
    await seal(shop);
    await make(shop, 'redeliver', [0]);
    const again = operation(2);
    const done = await make(shop, 'redeliver', [0], again);
    expect(done.changes[0]).toMatchObject({ fromRevision: 2, toRevision: 3 });
    expect(await rowsOf(shop, 0, 3)).toEqual(['a', 'b']);
    expect(await shop.idsThatCount()).toEqual([0, 0]);
  });

  it('finds its ids in merged files, and leaves none of them there', async () => {
    const shop = await openShop(workshop(), 6);
    for (const n of [0, 1, 2, 3]) {
      await deliver(shop, n, [
        { events: [received(n, 'same'), received(n, `own-${n}`)] },
      ]);
    }
    await seal(shop);
    await shop.idUpkeep()();
    await make(shop, 'redeliver', [1]);
    expect((await shop.idsThatCount()).sort()).toEqual([0, 0, 1, 2, 3]);
    await shop.idUpkeep()();
    await shop.idUpkeep()();
    expect((await shop.idsThatCount()).sort()).toEqual([0, 0, 1, 2, 3]);
    await deliver(shop, 4, [
      { events: [received(4, 'own-1'), received(4, 'same'), received(4, 'x')] },
    ]);
    await seal(shop);
    expect((await liveOf(shop, 4)).delivered).toBe(1);
    const again = operation(2);
    await make(shop, 'redeliver', [0, 1, 2], again);
    expect((await shop.idsThatCount()).sort()).toEqual([0, 0, 1, 2, 3, 4]);
  });

  it('marks the conflicts that were marked, and no other', async () => {
    const shop = await openShop(workshop(), 4);
    await deliver(shop, 0, [{ events: [received(0, 'k', { n: 1 })] }]);
    await deliver(shop, 1, [{ events: [received(1, 'k', { n: 2 })] }]);
    await deliver(shop, 2, [{ events: [received(2, 'k', { n: 3 })] }]);
    await seal(shop);
    await make(shop, 'redeliver', [1]);
    await make(shop, 'redeliver', [0], operation(2));
    expect(await rowsOf(shop, 0, 2)).toEqual(['k']);
    expect(await rowsOf(shop, 1, 2)).toEqual(['k!']);
    expect(await rowsOf(shop, 2, 1)).toEqual(['k!']);
  });

  it('is on time when the first delivery was, however late it is repaired', async () => {
    const shop = await openShop(workshop(), 1);
    await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await seal(shop);
    const { latenessMs } = await liveOf(shop, 0);
    shop.now = new Date(HALF_PAST.getTime() + 40 * 60_000);
    await make(shop, 'redeliver', [0]);
    shop.now = new Date(HALF_PAST.getTime() + 80 * 60_000);
    await make(shop, 'redeliver', [0], operation(2));
    const live = await liveOf(shop, 0);
    expect(live).toMatchObject({ revision: 3, latenessMs });
    expect(live.sealedAt).toEqual(shop.now);
  });

  it('reaches sinks, which need not load the old one any more', async () => {
    const shop = await openShop(workshop(), 1);
    const sink = 'bigquery';
    await registerSink(shop.db, { sink });
    await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await seal(shop);
    await make(shop, 'redeliver', [0]);
    const due = await readDueSinkLoads(shop.db, {
      sink,
      eventType: TYPE,
      limit: 9,
    });
    expect(due).toMatchObject([
      {
        revision: 2,
        delivered: 1,
        manifestPath: `${shop.pathOf(0, TYPE, 2)}/manifest.json`,
      },
    ]);
    expect(
      await shop.db('sink_loads').orderBy('revision').pluck('state'),
    ).toEqual(['superseded', 'pending']);
  });

  it('of an empty bucket makes an empty one', async () => {
    const shop = await openShop(workshop(), 1);
    await shop.declare(bucketAt(0));
    await seal(shop);
    await make(shop, 'redeliver', [0]);
    expect(await liveOf(shop, 0)).toMatchObject({ revision: 2, empty: true });
  });

  it('counts the numbers of producers once', async () => {
    const shop = await openShop(workshop(), 1);
    const epoch = '019b0000-0000-7000-8000-000000000000';
    await deliver(shop, 0, [
      {
        events: [1, 2, 4].map(sequence =>
          event(`e${sequence}`, { n: 1 }, { producer: 'p', epoch, sequence }),
        ),
      },
    ]);
    await seal(shop);
    const numbers = () => shop.db('producer_sequences').select('*');
    const before = await numbers();
    const [numbering] = await shop.db('partition_numbering');
    await make(shop, 'redeliver', [0]);
    expect(await numbers()).toEqual(before);
    expect(
      await shop.db('partition_numbering').orderBy('partition_id'),
    ).toEqual([
      numbering,
      {
        ...numbering,
        accounted_at: expect.any(Date),
        partition_id: (await liveOf(shop, 0)).partitionId,
      },
    ]);
  });
});

describe('resealing', () => {
  it('delivers what a newer schema takes, and lists it as refused no more', async () => {
    const shop = await openShop(workshop(), 4);
    const late = { n: 1, at: 'never' };
    await deliver(shop, 0, [
      { events: [received(0, 'a'), received(0, 'b', late)] },
    ]);
    await deliver(shop, 1, [
      { events: [received(1, 'b', late), received(1, 'c', { n: 'x' })] },
    ]);
    await seal(shop);
    expect(await refusedIds(shop)).toEqual(['b 2', 'c 1']);
    await shop.provision({ [TYPE]: { schema: FLEXIBLE_SCHEMA, version: 2 } });
    const done = await make(shop, 'reseal', [0]);
    expect(done.changes[0]).toMatchObject({
      schemaVersionBefore: 1,
      schemaVersionAfter: 2,
      before: { delivered: 1, refused: 1 },
      after: { delivered: 2, refused: 0 },
    });
    expect(await rowsOf(shop, 0, 2)).toEqual(['a', 'b']);
    expect(await refusedIds(shop)).toEqual(['b 1', 'c 1']);
    expect(await shop.idsThatCount()).toEqual([0, 0]);
    expect((await balance(shop)).unbalanced).toEqual([]);

    // The other copy is a duplicate now, of an event that lies elsewhere.
    const again = operation(2);
    const other = await make(shop, 'reseal', [1], again);
    expect(other.changes[0].after).toMatchObject({
      delivered: 0,
      duplicates: 1,
      refused: 1,
    });
    expect(await refusedIds(shop)).toEqual(['c 1']);
    expect((await balance(shop)).unbalanced).toEqual([]);
  });

  it('makes no later copy a duplicate of an event that is not delivered any more', async () => {
    const shop = workshop();
    await shop.provision({ [TYPE]: { schema: FLEXIBLE_SCHEMA } });
    await shop.gateway('g', new Date(bucketAt(4).start.getTime() - 1));
    await deliver(shop, 0, [
      { events: [received(0, 'b', { n: 1, at: 'never' })] },
    ]);
    await seal(shop);
    // A version that takes less is refused at registration; by hand it is possible.
    await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA, version: 2 } });
    await make(shop, 'reseal', [0]);
    expect(await liveOf(shop, 0)).toMatchObject({ delivered: 0, refused: 1 });
    expect(await shop.idsThatCount()).toEqual([]);
    expect(await refusedIds(shop)).toEqual(['b 1']);
    await shop.provision({ [TYPE]: { schema: FLEXIBLE_SCHEMA, version: 3 } });
    await deliver(shop, 1, [
      { events: [received(1, 'b', { n: 1, at: 'never' })] },
    ]);
    await seal(shop);
    expect(await rowsOf(shop, 1, 1)).toEqual(['b']);
  });
});

describe('reshuffling', () => {
  it('brings late batches home, all partitions at once, and loses and doubles nothing', async () => {
    const shop = await openLate(workshop());
    const sealed = await hashesOf(shop);
    const done = await make(shop, 'reshuffle', [2]);
    const sum = (when: 'before' | 'after', what: 'accepted' | 'delivered') =>
      done.changes.reduce((all, change) => all + change[when]![what], 0);
    expect(done.changes).toHaveLength(3);
    expect(sum('after', 'accepted')).toBe(sum('before', 'accepted'));
    expect(sum('after', 'delivered')).toBe(sum('before', 'delivered'));
    expect(await rowsOf(shop, 0, 2)).toEqual(['a', 'l0']);
    expect(await rowsOf(shop, 1, 2)).toEqual(['b', 'l1']);
    expect(await rowsOf(shop, 2, 2)).toEqual(['c']);
    for (const n of [0, 1, 2]) {
      expect(await liveOf(shop, n)).toMatchObject({ revision: 2, skewed: 0 });
    }
    expect((await shop.idsThatCount()).sort()).toEqual([0, 0, 1, 1, 2]);
    expect(await hashesOf(shop)).toMatchObject(sealed);
    expect((await balance(shop)).unbalanced).toEqual([]);

    const again = operation(2);
    await expect(
      ask(shop, 'reshuffle', [0, 1, 2], again),
    ).rejects.toMatchObject({ code: 'nothing_to_reshuffle' });
    await make(shop, 'redeliver', [0, 2], again);
    expect(await rowsOf(shop, 0, 3)).toEqual(['a', 'l0']);
    expect(await rowsOf(shop, 2, 3)).toEqual(['c']);
  });

  it('takes the proofs of replays along', async () => {
    const shop = await openShop(workshop(), 4);
    await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await seal(shop);
    await shop.db.raw(
      `INSERT INTO replays (replay_id, event_type, state, reason, selection,
         fix, requested_by, finished_at)
       VALUES (:id, :type, 'sent', 'r', '{}', '{}', 'ada', now())`,
      { id: operation(9), type: TYPE },
    );
    await shop.db.raw(
      `INSERT INTO replay_events (replay_id, position, refusal_id, state,
         event_type, event_id, event_key, sent_at)
       VALUES (:id, 1, :id, 'accepted', :type, 'late',
         md5('/shop' || chr(10) || 'late')::uuid, now())`,
      { id: operation(9), type: TYPE },
    );
    await shop.stage({
      bucket: bucketAt(0),
      batch: 2,
      now: bucketAt(1).start,
      events: [received(0, 'late')],
    });
    await deliver(shop, 1, [{ events: [received(1, 'b')] }]);
    await seal(shop);
    await proveReplays(shop.db, { limit: 10 });
    const provenIn = async () =>
      (
        await shop
          .db('replay_events')
          .join(
            'partitions',
            'partitions.partition_id',
            'replay_events.partition_id',
          )
          .select('bucket_start', 'revision')
      ).map(row => [row.bucket_start, row.revision]);
    expect(await provenIn()).toEqual([[bucketAt(1).start, 1]]);
    await make(shop, 'reshuffle', [0]);
    expect(await provenIn()).toEqual([[bucketAt(0).start, 2]]);
  });

  it('of one bucket leaves the batches of others where they are', async () => {
    const shop = await openLate(workshop());
    const done = await make(shop, 'reshuffle', [0]);
    expect(
      done.changes.map(change => [change.batchesIn, change.batchesOut]),
    ).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(await rowsOf(shop, 0, 2)).toEqual(['a', 'l0']);
    expect(await rowsOf(shop, 2, 2)).toEqual(['c', 'l1']);
    expect(await liveOf(shop, 1)).toMatchObject({ revision: 1 });
    expect((await balance(shop)).unbalanced).toEqual([]);
  });
});

describe('an operation', () => {
  it('that comes out otherwise than previewed changes nothing, and is cleaned up after', async () => {
    const shop = await openShop(workshop(), 4);
    await deliver(shop, 0, [
      { events: [received(0, 'x', { n: 1, at: 'never' }), received(0, 'a')] },
    ]);
    await seal(shop);
    await shop.provision({ [TYPE]: { schema: FLEXIBLE_SCHEMA, version: 2 } });
    await ask(shop, 'reseal', [0]);
    await revise(shop);
    // In between the event that it would deliver is delivered elsewhere.
    await deliver(shop, 1, [
      { events: [received(1, 'x', { n: 1, at: 'never' })] },
    ]);
    await seal(shop);
    await approve(shop);
    const sealed = await hashesOf(shop);
    expect(await revise(shop)).toMatchObject({ failed: 1 });
    expect(await read(shop)).toMatchObject({
      state: 'failed',
      problem: { code: 'differs_from_preview' },
    });
    expect(await revise(shop)).toMatchObject({ done: 1 });
    expect(await hashesOf(shop)).toEqual(sealed);
    expect(await liveOf(shop, 0)).toMatchObject({ revision: 1 });
    expect(await revise(shop)).toMatchObject({ done: 0 });
    const again = operation(2);
    await make(shop, 'reseal', [0], again);
    expect(await liveOf(shop, 0)).toMatchObject({ revision: 3, duplicates: 1 });
  });

  it('that is cancelled while it runs ends, and what it put into the lake goes', async () => {
    const shop = await openShop(workshop(), 2);
    await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await deliver(shop, 1, [{ events: [received(1, 'b')] }]);
    await seal(shop);
    const sealed = await hashesOf(shop);
    await ask(shop, 'redeliver', [0, 1]);
    await revise(shop);
    await approve(shop);
    const placed: unknown[] = [];
    await revise(shop, {
      onStep: async step => {
        if (step === 'placed') {
          placed.push(await hashesOf(shop));
          await cancelRevision(shop.db, {
            operationId: operation(1),
            now: HALF_PAST,
          });
        }
      },
    });
    expect(placed).toHaveLength(1);
    expect(placed).not.toContainEqual(sealed);
    expect(await read(shop)).toMatchObject({ state: 'cancelled' });
    await revise(shop);
    expect(await hashesOf(shop)).toEqual(sealed);
    expect(await shop.db('partitions').where({ state: 'sealing' })).toEqual([]);
  });

  it('is left alone by a worker that has lost the lease', async () => {
    const shop = await openShop(workshop(), 1);
    await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await seal(shop);
    await ask(shop, 'redeliver', [0]);
    await revise(shop);
    await approve(shop);
    let successor: Promise<unknown> | undefined;
    await revise(shop, {
      workerId: 'zombie',
      onStep: async step => {
        if (step === 'placed') {
          shop.now = new Date(HALF_PAST.getTime() + 1);
          await shop.db('leases').update({ expires_at: new Date(0) });
          successor = revise(shop, { workerId: 'successor' });
          await successor;
        }
      },
    });
    expect(await successor).toMatchObject({ done: 1 });
    expect(await read(shop)).toMatchObject({ state: 'done' });
    expect(await shop.idsThatCount()).toEqual([0]);
    const live = await liveOf(shop, 0);
    const manifest = await manifestOf(shop, 0, 2);
    expect(live.files.map(({ name }) => name)).toEqual(
      manifest.files.map(({ name }) => name),
    );
  });

  it('waits for a partition that may be published, and keeps the next from being', async () => {
    const shop = await openShop(workshop(), 2);
    await deliver(shop, 0, [{ events: [received(0, 'a')] }]);
    await seal(shop);
    await ask(shop, 'redeliver', [0]);
    await revise(shop);
    await approve(shop);
    await deliver(shop, 1, [{ events: [received(1, 'b')] }]);
    const dying = shop.sealer({
      onStep: step => {
        if (step === 'published') throw new Error('died');
      },
    });
    await dying.runOnce();
    await dying.close();
    await shop.db('leases').update({ expires_at: new Date(0) });
    expect(await revise(shop)).toEqual({ done: 0, waiting: 1, failed: 0 });
    await seal(shop);
    await noMoreWaiting(shop);
    expect(await revise(shop)).toEqual({ done: 1, waiting: 0, failed: 0 });
  });
});
