import { createDuckdb, Duckdb } from '@millrace/lake';
import { listProducers } from '@millrace/ledger';
import { useWorkshop } from '../__testUtils__/workshop';
import { recordNumbers } from './recordNumbers';

jest.setTimeout(60_000);

describe('numbers of a bucket', () => {
  const workshop = useWorkshop();
  let duckdb: Duckdb;
  beforeEach(async () => {
    duckdb = await createDuckdb({ memoryLimit: '256MB' });
  });
  afterEach(() => duckdb.close());

  it('of a flood of names do not push out the producers, and are counted', async () => {
    await duckdb.run(
      `CREATE TEMP TABLE staged AS
       SELECT 'flood-' || n AS producer, 'e' AS epoch, 1::BIGINT AS sequence,
         TIMESTAMPTZ '2026-01-10 12:00:00Z' AS received_at
       FROM range(5000) AS r (n)
       UNION ALL
       SELECT 'shop', 'e', n, TIMESTAMPTZ '2026-01-10 12:00:00Z'
       FROM range(1, 3001) AS r (n)`,
    );
    await expect(
      recordNumbers({
        ledger: workshop().db,
        duckdb,
        eventType: 'shop.order',
        columns: [],
        maxChunks: 100,
      }),
    ).resolves.toEqual({ numbered: 8000, unnumbered: 0, untracked: 4903 });
    const [shop] = await listProducers(workshop().db, {
      eventType: 'shop.order',
      producer: 'shop',
      limit: 1,
    });
    expect(shop).toMatchObject({ received: 3000, receivedOfType: 3000 });
    const [{ count }] = await workshop().db('producer_epochs').count();
    expect(Number(count)).toBe(98);
  });
});
