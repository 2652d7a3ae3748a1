import { TestDatabases } from '@backstage/backend-test-utils';
import { migrateLedger } from '@millrace/ledger';
import type { Knex } from 'knex';
import { until } from '../__testUtils__/until';
import { SealedWatch } from './SealedWatch';

jest.setTimeout(60_000);

const LONG = 50_000;
const NOON = new Date('2026-01-10T12:00:00Z');
const bucketStart = (n: number) => new Date(NOON.getTime() + n * 60_000);

describe('SealedWatch', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let ledger: Knex;
  let watch: SealedWatch;
  let statements: number;
  const count = () => {
    statements += 1;
  };

  beforeAll(async () => {
    ledger = await databases.init('POSTGRES_18');
    await migrateLedger(ledger);
  });
  beforeEach(async () => {
    await ledger.raw('TRUNCATE partitions CASCADE');
    watch = new SealedWatch({ ledger, pollMs: 20 });
    statements = 0;
    ledger.on('query', count);
  });
  afterEach(() => {
    ledger.removeListener('query', count);
    watch.close();
  });

  const seal = (n: number) =>
    ledger('partitions').insert({
      event_type: 'page.viewed',
      bucket_start: bucketStart(n),
      bucket_seconds: 60,
      bucket_end: bucketStart(n + 1),
      revision: 1,
      state: 'sealed',
      decision: '{}',
      sealed_at: bucketStart(n + 1),
    });

  const find = (
    n: number,
    waitMs = LONG,
    signal = new AbortController().signal,
  ) =>
    watch.find(
      { eventType: 'page.viewed', bucketStart: bucketStart(n) },
      { waitMs, signal },
    );

  it('tells everybody who waits for a bucket, and only them, when it is sealed', async () => {
    const readers = [find(0), find(0), find(1)];
    await until(() => statements >= 3);
    await seal(0);
    const [one, two] = await Promise.all(readers.slice(0, 2));
    expect(one).toMatchObject({ bucketStart: bucketStart(0), revision: 1 });
    expect(two).toEqual(one);
    expect(watch.waiting).toBe(1);
  });

  it('answers at once what is sealed, and what nobody waits for', async () => {
    await seal(0);
    await expect(find(0)).resolves.toMatchObject({ revision: 1 });
    await expect(find(1, 0)).resolves.toBeUndefined();
    expect(statements).toBeLessThanOrEqual(3);
  });

  it('costs a thousand waiting readers no connection, and one statement a look', async () => {
    const slow = new SealedWatch({ ledger, pollMs: 60_000 });
    const { pool } = ledger.client;
    const gone = new AbortController();
    const readers = Array.from({ length: 1_000 }, (_, n) =>
      slow.find(
        { eventType: 'page.viewed', bucketStart: bucketStart(n % 10) },
        { waitMs: LONG, signal: gone.signal },
      ),
    );
    await until(() => statements > 0 && pool.numUsed() === 0);
    expect(slow.waiting).toBe(1_000);
    expect(statements).toBe(1);
    expect(pool.numUsed() + pool.numPendingAcquires()).toBe(0);
    slow.close();
    await Promise.all(readers);
    expect(slow.waiting).toBe(0);
  });

  it('says that nothing is sealed when the time is up, and forgets who has gone', async () => {
    await expect(find(0, 30)).resolves.toBeUndefined();
    const gone = new AbortController();
    const reader = find(0, LONG, gone.signal);
    gone.abort();
    await expect(reader).resolves.toBeUndefined();
    expect(watch.waiting).toBe(0);
    const before = statements;
    await seal(0);
    await expect(find(0, 0)).resolves.toBeDefined();
    // Nobody waited, so nobody asked but the last one.
    expect(statements).toBeLessThanOrEqual(before + 3);
  });

  it('goes on waiting while the ledger is away, and never calls that not sealed', async () => {
    const waiting = find(0);
    await until(() => statements >= 2);
    await ledger.raw('ALTER TABLE partitions RENAME TO away');
    const impatient = find(1, 60);
    await expect(impatient).rejects.toThrow();
    await expect(find(2, 0)).rejects.toThrow();
    await ledger.raw('ALTER TABLE away RENAME TO partitions');
    await seal(0);
    await expect(waiting).resolves.toMatchObject({ revision: 1 });
  });

  it('takes no more readers than it has room for', async () => {
    const small = new SealedWatch({ ledger, maxWaiting: 2 });
    const key = { eventType: 'page.viewed', bucketStart: bucketStart(0) };
    const options = { waitMs: LONG, signal: new AbortController().signal };
    const readers = [small.find(key, options), small.find(key, options)];
    await expect(small.find(key, options)).rejects.toThrow(
      '2 readers are waiting',
    );
    small.close();
    await Promise.all(readers);
  });
});
