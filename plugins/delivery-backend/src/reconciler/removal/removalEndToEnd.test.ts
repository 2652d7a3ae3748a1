import { TestDatabases } from '@backstage/backend-test-utils';
import { getRemoval } from '@millrace/ledger';
import { eventType } from '../../__testUtils__/eventType';
import { startPipeline } from '../../__testUtils__/startPipeline';
import { until } from '../../__testUtils__/until';

jest.setTimeout(240_000);

/** How many events are sent while the grace period ends. */
const REQUESTS = 40;

describe('withdrawing an event type that is still sent', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('seals every event that was accepted, and then leaves nothing but partitions', async () => {
    const pipeline = await startPipeline({
      databases,
      eventTypes: ['shop.order', 'shop.ship'],
      bucketSeconds: 5,
      gateways: ['g1', 'g2'],
    });
    const { delivery } = pipeline;
    const { ledger } = delivery;
    try {
      await pipeline.startWorker({ drainMarginMs: 1_000 });
      const accepted: string[] = [];
      let refused = 0;
      const send = async (index: number) => {
        const id = `order-${index}`;
        const status = await pipeline.tryPost(index % 2 ? 'g1' : 'g2', {
          id,
          type: 'shop.order',
        });
        if (status === 200) {
          accepted.push(id);
        } else {
          refused += 1;
        }
      };
      for (let index = 0; index < REQUESTS / 2; index += 1) {
        await send(index);
      }
      expect(accepted).toHaveLength(REQUESTS / 2);

      // Sent on while the gateways are told.
      const at = new Date().toISOString();
      await Promise.all([
        delivery.declare({
          ...eventType('shop.order'),
          withdrawal: {
            since: at,
            by: 'user:default/owner',
            reason: 'Nobody reads it',
            endsAt: at,
            removalBeganAt: at,
          },
        }),
        (async () => {
          for (let index = REQUESTS / 2; index < REQUESTS; index += 1) {
            await send(index);
          }
        })(),
      ]);
      let index = REQUESTS;
      await until(async () => {
        await send((index += 1));
        return refused > 0;
      });

      await until(
        async () =>
          (
            await getRemoval(ledger, { eventType: 'shop.order' })
          )?.finished.archiving !== undefined,
        120_000,
      );
      const { rows } = await ledger.raw<{ rows: { delivered: string }[] }>(
        `SELECT sum(delivered) AS delivered FROM partitions
         WHERE event_type = 'shop.order' AND state = 'sealed'`,
      );
      expect(Number(rows[0].delivered)).toBe(accepted.length);
      expect(delivery.archived).toEqual(['shop.order']);
      const { body } = await delivery.api(
        'get',
        '/event-types/shop.ship/footprint',
      );
      expect(body.resources).toHaveLength(4);
      expect(
        body.resources.every(({ exists }: { exists: boolean }) => exists),
      ).toBe(true);
      const [topics] = await delivery.broker.pubsub.getTopics();
      expect(topics.filter(({ name }) => name.includes('shop.order'))).toEqual(
        [],
      );
      // What else is sent goes on as if nothing had been.
      expect(
        await pipeline.tryPost('g1', { id: 'ship-1', type: 'shop.ship' }),
      ).toBe(200);
    } finally {
      await pipeline.stop();
    }
  });
});
