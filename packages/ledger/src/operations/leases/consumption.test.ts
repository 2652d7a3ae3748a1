import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  claimConsumption,
  ClaimedEventType,
  finishDraining,
  gatewaysAreCurrent,
  heartbeatGateway,
  joinConsumers,
  leaveConsumers,
  publishConfigSnapshot,
  recordStagedBatches,
  releaseConsumption,
  renewConsumption,
} from '..';
import {
  minutes,
  provision,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

const ALL = { critical: 10_000, normal: 10_000, low: 10_000 };
const names = (claims: { eventType: string }[]) =>
  claims.map(({ eventType }) => eventType).sort();

describe('the leases on event types', () => {
  const ledger = useLedger();

  async function join(
    worker: string,
    { leaseMs = 60_000, replace = true } = {},
  ): Promise<string> {
    const session = randomUUID();
    await joinConsumers(ledger(), { worker, session, leaseMs, replace });
    return session;
  }
  const claim = (session: string, room: Partial<typeof ALL> = ALL) =>
    claimConsumption(ledger(), {
      session,
      room: { critical: 0, normal: 0, low: 0, ...room },
    });
  const renew = (session: string, leaseMs = 60_000) =>
    renewConsumption(ledger(), { session, leaseMs });
  const types = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        `type-${String(n).padStart(4, '0')}`,
        'normal' as const,
      ]),
    );

  it('gives each type to one consumer, however many claim at once', async () => {
    await provision(ledger(), types(200));
    const sessions = await Promise.all(
      Array.from({ length: 8 }, (_, n) => join(`worker-${n}`)),
    );
    const claims = await Promise.all(
      sessions.map(session => claim(session, { normal: 25 })),
    );
    // Those that met have chosen different types; nobody has waited.
    const all = names(claims.flat());
    expect(new Set(all).size).toBe(all.length);
    for (const session of sessions) {
      await claim(session, { normal: 25 });
    }
    const held = await Promise.all(sessions.map(session => renew(session)));
    expect(names(held.flatMap(one => one!.held))).toEqual(
      Object.keys(types(200)),
    );
  });

  it('extends the lease of any number of types by the same two statements and one row', async () => {
    const statements: string[] = [];
    const onQuery = (query: { sql: string }) => statements.push(query.sql);
    const written = async () => {
      const { rows } = await ledger().raw(
        `SELECT ctid::text AS row FROM consumption_leases ORDER BY event_type`,
      );
      return rows;
    };
    const counts: number[] = [];
    for (const many of [1, 2_000]) {
      await provision(ledger(), types(many));
      const session = await join('worker-1');
      await expect(claim(session)).resolves.toHaveLength(many);
      const before = await written();
      ledger().on('query', onQuery);
      const standing = await renew(session).finally(() =>
        ledger().removeListener('query', onQuery),
      );
      expect(standing).toMatchObject({ types: { normal: many } });
      expect(standing!.held).toHaveLength(many);
      await expect(written()).resolves.toEqual(before);
      counts.push(statements.splice(0).length);
    }
    expect(counts).toEqual([2, 2]);
  });

  it('lets others take over from the dead, and knows that nothing was handed back', async () => {
    await provision(ledger(), types(3));
    const dead = await join('a', { leaseMs: -1 });
    await renew(dead, 60_000);
    await claim(dead);
    const heir = await join('b');
    await expect(claim(heir)).resolves.toEqual([]);

    await renew(dead, -1);
    const claims = await claim(heir);
    expect(claims).toHaveLength(3);
    expect(claims.map(({ isTakenOver }) => isTakenOver)).toEqual([
      true,
      true,
      true,
    ]);
    await expect(renew(dead)).resolves.toMatchObject({ held: [] });
  });

  it('lets a restarted worker take over from its dead self at once', async () => {
    await provision(ledger(), types(2));
    const before = await join('a');
    await claim(before);
    const after = await join('a');
    await expect(renew(before)).resolves.toBeUndefined();
    await expect(claim(after)).resolves.toMatchObject([
      { fencingToken: 2n, isTakenOver: true },
      { fencingToken: 2n, isTakenOver: true },
    ]);
  });

  it('lets two processes of one name live side by side once one was replaced', async () => {
    await provision(ledger(), types(2));
    const first = await join('a');
    const second = await join('a');
    await expect(renew(first)).resolves.toBeUndefined();
    const again = await join('a', { replace: false });
    await expect(renew(second)).resolves.toMatchObject({
      members: [second, again],
    });
  });

  it('frees at once what is handed back, in order', async () => {
    await provision(ledger(), types(3));
    const [a, b] = [await join('a'), await join('b')];
    await claim(a);
    await releaseConsumption(ledger(), {
      session: a,
      eventTypes: ['type-0001'],
    });
    await expect(claim(b)).resolves.toMatchObject([
      { eventType: 'type-0001', isTakenOver: false, fencingToken: 2n },
    ]);
    // A step that comes too late takes nothing from the new holder.
    await releaseConsumption(ledger(), {
      session: a,
      eventTypes: ['type-0001'],
    });
    await leaveConsumers(ledger(), { session: a });
    await expect(claim(b)).resolves.toMatchObject([
      { eventType: 'type-0000', isTakenOver: false },
      { eventType: 'type-0002', isTakenOver: false },
    ]);
  });

  it('gives nothing to a consumer that is not alive itself', async () => {
    await provision(ledger(), types(1));
    const session = await join('a', { leaseMs: -1 });
    await expect(claim(session)).resolves.toEqual([]);
  });

  it('claims by tier, and no more than there is room for', async () => {
    await provision(ledger(), { a: 'low', b: 'critical', c: 'critical' });
    const session = await join('a');
    await expect(claim(session, { critical: 1, low: 5 })).resolves.toHaveLength(
      2,
    );
    await expect(renew(session)).resolves.toMatchObject({
      types: { critical: 2, normal: 0, low: 1 },
    });
  });

  it('refuses what a zombie records, and lets nobody wait for one inside a transaction', async () => {
    await provision(ledger(), { 'page.viewed': 'normal' });
    const zombie = await join('zombie');
    const [old] = await claim(zombie);
    const record = (held: ClaimedEventType, batch: number) =>
      recordStagedBatches(ledger(), {
        batches: [stagedBatch({ batch })],
        now: minutes(0.5),
        claim: held,
      });
    await record(old, 1);
    await renew(zombie, -1);
    const heir = await join('heir');
    await ledger().transaction(async tx => {
      await recordStagedBatches(tx, {
        batches: [stagedBatch({ batch: 2 })],
        now: minutes(0.5),
        claim: old,
      });
      await expect(claim(heir)).resolves.toEqual([]);
    });
    const [taken] = await claim(heir);
    await expect(record(old, 3)).rejects.toMatchObject({
      code: 'fencing_token_stale',
    });
    await record(taken, 3);
    await expect(
      ledger()('staged_batches').pluck('batch').orderBy('batch'),
    ).resolves.toEqual([1, 2, 3]);
  });

  describe('of a type that has left the config', () => {
    const both = { aaa: 'normal', bbb: 'normal' } as const;

    it('stay until it is drained, and come back with it', async () => {
      await provision(ledger(), both);
      const session = await join('a');
      await claim(session);
      await provision(ledger(), { bbb: 'normal' });
      const standing = await renew(session);
      expect(standing).toMatchObject({
        types: { normal: 2 },
        held: [{ eventType: 'aaa', removedAt: expect.any(Date) }, {}],
      });
      const [{ fencingToken }] = standing!.held;
      const drained = { eventType: 'aaa', fencingToken };
      await expect(
        finishDraining(ledger(), { ...drained, fencingToken: 99n }),
      ).resolves.toBe(false);
      await expect(finishDraining(ledger(), drained)).resolves.toBe(true);
      await expect(renew(session)).resolves.toMatchObject({
        types: { normal: 1 },
        held: [{ eventType: 'bbb' }],
      });
      await expect(claim(session)).resolves.toEqual([]);

      await provision(ledger(), both);
      await expect(claim(session)).resolves.toMatchObject([
        { eventType: 'aaa', fencingToken: 2n },
      ]);
      await expect(
        finishDraining(ledger(), { eventType: 'aaa', fencingToken: 2n }),
      ).resolves.toBe(false);
    });

    it('wait for every gateway that may still run the config of before', async () => {
      const publish = (version: number) =>
        publishConfigSnapshot(ledger(), {
          bucketSeconds: 60,
          writeKeys: [],
          eventTypes: [
            {
              name: 'aaa',
              tier: 'normal',
              version,
              schema: {},
              topic: 't',
              subscription: 's',
              refusedTopic: 'r',
              refusedSubscription: 'rs',
            },
          ],
        });
      const beat = (gateway: string, epoch: string, generation?: number) =>
        heartbeatGateway(ledger(), {
          gateway,
          epoch,
          startedAt: new Date(Date.now() + Number(epoch)),
          url: 'http://g',
          pid: 1,
          leaseMs: -60_000,
          generation,
        });
      const isCurrent = () => gatewaysAreCurrent(ledger());

      await publish(1);
      await expect(isCurrent()).resolves.toBe(true);
      // Silent, but it never said goodbye: perhaps cut off, and accepting.
      await beat('g', '1', 1);
      await expect(isCurrent()).resolves.toBe(true);
      await publish(2);
      await expect(isCurrent()).resolves.toBe(false);
      await beat('g', '2', 2);
      await expect(isCurrent()).resolves.toBe(true);
      await beat('h', '3');
      await expect(isCurrent()).resolves.toBe(false);
    });
  });

  it('never has two holders, whoever joins, claims, dies and leaves in whatever order', async () => {
    const step = fc.record({
      who: fc.nat(3),
      what: fc.constantFrom(
        'join',
        'claim',
        'renew',
        'die',
        'leave',
        'release',
      ),
      room: fc.integer({ min: 1, max: 6 }),
    });
    await provision(ledger(), types(12));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        await ledger().raw('TRUNCATE consumers');
        const sessions = Array<string | undefined>(4).fill(undefined);
        /** The newest token each has been given per type. */
        const newest = new Map<string, bigint>();
        let hasRisen = true;
        for (const { who, what, room } of steps) {
          const session = sessions[who];
          if (what === 'join') {
            sessions[who] = await join(`worker-${who}`);
          } else if (!session) {
            continue;
          } else if (what === 'claim') {
            for (const claimed of await claim(session, { normal: room })) {
              const before = newest.get(claimed.eventType) ?? 0n;
              hasRisen &&= claimed.fencingToken > before;
              newest.set(claimed.eventType, claimed.fencingToken);
            }
          } else if (what === 'renew') {
            await renew(session);
          } else if (what === 'die') {
            await renew(session, -1);
          } else if (what === 'leave') {
            await leaveConsumers(ledger(), { session });
            sessions[who] = undefined;
          } else {
            const standing = await renew(session);
            await releaseConsumption(ledger(), {
              session,
              eventTypes:
                standing?.held.slice(0, room).map(h => h.eventType) ?? [],
            });
          }
          const held = await Promise.all(
            sessions.map(async one => (one ? await standingOf(one) : [])),
          );
          const all = held.flat();
          expect(new Set(all).size).toBe(all.length);
        }
        expect(hasRisen).toBe(true);
      }),
      { numRuns: 25 },
    );

    async function standingOf(session: string): Promise<string[]> {
      return ledger()('consumption_leases')
        .where({ holder: session })
        .pluck('event_type');
    }
  });
});
