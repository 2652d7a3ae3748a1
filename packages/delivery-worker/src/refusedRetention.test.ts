import { TestDatabases } from '@backstage/backend-test-utils';
import { migrateLedger, recordRefusedEvents } from '@millrace/ledger';
import { Knex } from 'knex';
import { refusedEvent } from './consumer/__testUtils__/batches';
import { createRefusedRetention } from './refusedRetention';

jest.setTimeout(60_000);

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const NOON = Date.parse('2026-01-10T12:00:00Z');

describe('the retention of refused events', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let db: Knex;
  let wallMs: number;
  let monotonicMs: number;
  let errors: string[];

  beforeEach(async () => {
    db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
    wallMs = NOON;
    monotonicMs = 0;
    errors = [];
    await recordRefusedEvents(db, {
      events: [31, 29, 1].map((days, n) => ({
        ...refusedEvent(n + 1),
        receivedAt: new Date(NOON - days * DAY).toISOString(),
      })),
    });
  });

  const start = (workerId: string = 'worker-1') =>
    createRefusedRetention({
      ledger: db,
      workerId,
      retentionMs: 30 * DAY,
      clock: () => new Date(wallMs),
      monotonicMs: () => monotonicMs,
      logger: {
        debug() {},
        info() {},
        warn() {},
        error: message => errors.push(message),
      },
    });
  const live = (ms: number) => {
    wallMs += ms;
    monotonicMs += ms;
  };
  const kept = async () => {
    const rows = await db('refused_events').count('* as n').first();
    return Number(rows?.n);
  };

  it('forgets what is older, hour by hour', async () => {
    const run = start();
    await run();
    expect(await kept()).toBe(3);
    for (let hour = 0; hour < 30; hour++) {
      live(HOUR);
      await run();
    }
    expect(await kept()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('deletes nothing and says so when the clock jumps five years ahead', async () => {
    const run = start();
    await run();
    for (let hour = 0; hour < 30; hour++) {
      live(HOUR);
      await run();
    }
    const before = await kept();
    wallMs += 5 * 365 * DAY;
    // The same process, and one that starts after the jump.
    for (const prune of [run, start(), run]) {
      await prune();
      live(10 * 60_000);
      await prune();
    }
    expect(await kept()).toBe(before);
    expect(errors).not.toEqual([]);
  });

  it('is the work of one worker at a time', async () => {
    const one = start('worker-1');
    const other = start('worker-2');
    await one();
    for (let hour = 0; hour < 30; hour++) {
      live(HOUR);
      await other();
    }
    expect(await kept()).toBe(3);
  });
});
