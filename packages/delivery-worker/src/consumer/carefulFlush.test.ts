import { TestDatabases } from '@backstage/backend-test-utils';
import { listPoisonBatches, migrateLedger } from '@millrace/ledger';
import { Knex } from 'knex';
import { createFairLimit } from '../fairLimit';
import { batchOf, delivered } from './__testUtils__/batches';
import { createCarefulFlush } from './carefulFlush';

jest.setTimeout(60_000);

const eventType = 'page.viewed';
const subscription = 'event.page.viewed.delivery';
const bucket = { start: new Date('2026-01-10T12:00:00Z'), seconds: 60 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Stands for the process: it ends, and its memory with it. */
class Death extends Error {}

describe('a careful flush', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let ledger: Knex;

  beforeAll(async () => {
    ledger = await databases.init('POSTGRES_18');
    await migrateLedger(ledger);
  });
  beforeEach(() => ledger.raw('TRUNCATE message_attempts, poison_batches'));

  const messages = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      delivered(batchOf({ eventType, bucket, batch: n + 1 }), `m${n}`),
    );

  /** A life of a worker: kills itself over the messages it is told to. */
  function live(options: {
    deadly: string[];
    isSuspect?: boolean;
    fails?: () => boolean;
  }) {
    const { deadly, isSuspect = true, fails = () => false } = options;
    const groups: string[][] = [];
    const flush = createCarefulFlush({
      ledger,
      worker: 'worker-1',
      subscription,
      subscriptionType: eventType,
      logger: silent,
      alone: createFairLimit(1),
      isSuspect: () => isSuspect,
      flush: async (together, done) => {
        groups.push(together.map(({ id }) => id));
        if (fails()) {
          throw new Error('The ledger is away');
        }
        for (const message of together) {
          if (deadly.includes(message.id)) {
            throw new Death();
          }
          done(message);
        }
      },
    });
    return { flush, groups };
  }

  /**
   * Lives of a worker, one after the other, until nothing is delivered any more.
   * What a life acknowledged before it died is delivered again: acks are sent a
   * little later than they are given.
   */
  async function liveOn(
    all: ReturnType<typeof messages>,
    deadly: string[],
  ): Promise<{ lives: number; touched: string[] }> {
    const touched: string[] = [];
    for (let lives = 1; lives < 60; lives++) {
      const { flush, groups } = live({ deadly });
      const acked = new Set<string>();
      const isAlive = await flush(all, message => acked.add(message.id)).then(
        () => true,
        error => {
          if (!(error instanceof Death)) {
            throw error;
          }
          return false;
        },
      );
      touched.push(...groups.flat());
      if (isAlive) {
        expect([...acked].sort()).toEqual(all.map(({ id }) => id).sort());
        return { lives, touched };
      }
    }
    throw new Error('It dies for ever');
  }

  const notes = () =>
    ledger('message_attempts').orderBy('message_id').select('message_id');

  it('finds the message that kills, sets it aside and loses none of the others', async () => {
    const { lives } = await liveOn(messages(6), ['m2']);
    // Together, twice in company, thrice alone; the next life sets it aside.
    expect(lives).toBe(7);
    await expect(
      listPoisonBatches(ledger, { eventType, limit: 10 }),
    ).resolves.toMatchObject({
      items: [
        {
          messageId: 'm2',
          reason: 'ends_the_worker',
          attempts: 6,
          subscription,
        },
      ],
      open: [{ reason: 'ends_the_worker', count: 1 }],
    });
    await expect(notes()).resolves.toEqual([]);
  });

  it('blames nobody who only happened to be there, and touches none again that it has found', async () => {
    const deadly = ['m0', 'm3', 'm7'];
    const { touched } = await liveOn(messages(8), deadly);
    const { items } = await listPoisonBatches(ledger, { eventType, limit: 10 });
    expect(items.map(({ messageId }) => messageId).sort()).toEqual(deadly);
    for (const id of deadly) {
      const times = touched.filter(one => one === id).length;
      // In some of its lives another one killed first.
      expect(times).toBeGreaterThanOrEqual(3);
      expect(times).toBeLessThanOrEqual(6);
    }
  });

  it('blames a message only when workers ended three times over it alone', async () => {
    const all = messages(20);
    const unlucky = async (life: number) => {
      // Killed from outside, each time with something in hand.
      const { flush, groups } = live({ deadly: ['m0'] });
      await expect(flush(all, () => {})).rejects.toThrow(Death);
      expect(groups.at(-1)).toHaveLength([20, 16, 4, 1, 1, 1][life]);
    };
    for (let life = 0; life < 6; life++) {
      await unlucky(life);
    }
    await expect(ledger('poison_batches')).resolves.toEqual([]);
    const { flush, groups } = live({ deadly: [] });
    await flush(all, () => {});
    expect(groups.flat()).not.toContain('m0');
    await expect(ledger('poison_batches').pluck('message_id')).resolves.toEqual(
      ['m0'],
    );
  });

  it('handles together what nobody has died over, and in small company what somebody has', async () => {
    const all = messages(18);
    const first = live({ deadly: ['m0'] });
    await expect(first.flush(all, message => message.ack())).rejects.toThrow(
      Death,
    );
    const fresh = delivered(batchOf({ eventType, bucket, batch: 99 }), 'fresh');
    const second = live({ deadly: [] });
    await second.flush([...all, fresh], message => message.ack());
    expect(first.groups.map(({ length }) => length)).toEqual([18]);
    expect(second.groups[0]).toEqual(['fresh']);
    expect(second.groups.slice(1).map(({ length }) => length)).toEqual([16, 2]);
    await expect(notes()).resolves.toEqual([]);
  });

  it('counts once per life, so that an outage of hours makes nothing poison', async () => {
    const all = messages(2);
    let isAway = true;
    const { flush } = live({ deadly: [], fails: () => isAway });
    for (let attempt = 0; attempt < 20; attempt++) {
      await expect(flush(all, message => message.ack())).rejects.toThrow(
        'The ledger is away',
      );
    }
    isAway = false;
    await flush(all, message => message.ack());
    expect(all.map(({ acks }) => acks)).toEqual([1, 1]);
    await expect(ledger('poison_batches')).resolves.toEqual([]);
  });

  it('asks nothing of the ledger for messages that nobody can have died over', async () => {
    const statements: string[] = [];
    const onQuery = (query: { sql: string }) => statements.push(query.sql);
    ledger.on('query', onQuery);
    const { flush, groups } = live({ deadly: [], isSuspect: false });
    await flush(messages(5), message => message.ack());
    ledger.removeListener('query', onQuery);
    expect(groups).toHaveLength(1);
    expect(statements).toEqual([]);
  });
});
