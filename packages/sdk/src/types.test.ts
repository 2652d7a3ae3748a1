import { startGatewayServer } from './__testUtils__/gatewayServer';
import {
  createProducer,
  DataOf,
  EventOf,
  EventTypeDescriptor,
  Producer,
} from '.';

interface OrderPlaced {
  orderId: string;
  total?: number;
}

const orderPlaced: EventTypeDescriptor<OrderPlaced> = {
  type: 'shop.order_placed',
  version: 3,
};

describe('events of generated types', () => {
  it('are sent by descriptor and data, or as one object', async () => {
    const server = await startGatewayServer();
    const producer: Producer = createProducer({
      gatewayUrl: server.url,
      writeKey: 'k',
      source: '/s',
      flushIntervalMs: 0,
    });
    const data: DataOf<typeof orderPlaced> = { orderId: 'o-1' };
    const event: EventOf<typeof orderPlaced> = {
      type: orderPlaced.type,
      data: { orderId: 'o-2', total: 3 },
    };

    await producer.send(orderPlaced, data, { id: 'one', source: '/other' });
    await producer.send(event);
    await producer.enqueue(orderPlaced, { orderId: 'o-3' });
    // @ts-expect-error A field of this type is missing.
    await producer.send(orderPlaced, { total: 1 });
    // @ts-expect-error This type has no such field.
    await producer.enqueue(orderPlaced, { orderId: 'o-4', colour: 'green' });
    await producer.close();
    await server.stop();

    const events = server.requests.flatMap(request => request.events);
    expect(events.slice(0, 3)).toMatchObject([
      {
        id: 'one',
        source: '/other',
        type: 'shop.order_placed',
        data: { orderId: 'o-1' },
      },
      { type: 'shop.order_placed', data: { orderId: 'o-2', total: 3 } },
      { type: 'shop.order_placed', data: { orderId: 'o-3' } },
    ]);
  });
});
