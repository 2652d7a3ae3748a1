import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { Installation } from './installation';

const OWNER = 'user:default/owner';
const SHOP = 'Shop';
const PAGE_VIEWED = 'shop.page_viewed';

interface KeyRequest {
  name: string;
  producer: string;
  kind: 'server' | 'browser';
  eventTypes: string[];
  expiresAt?: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

function createKey(millrace: Installation, request: KeyRequest) {
  return millrace.post<{ writeKey: string }>(
    OWNER,
    '/api/delivery/write-keys',
    request,
  );
}

/**
 * Keys, orders that are delivered and orders that are refused: what pages need
 * in order to have something to show. Once per installation.
 */
export async function sendTraffic(
  millrace: Installation,
  eventType: string,
): Promise<void> {
  const { items } = await millrace.get<{ items: { name: string }[] }>(
    OWNER,
    '/api/delivery/write-keys',
  );
  if (items.some(({ name }) => name === SHOP)) {
    return;
  }
  await areDeclared(millrace, [eventType, PAGE_VIEWED]);
  await createKeys(millrace);
  await sendMisfits(millrace, eventType);
  await sendOrders(millrace, eventType);
}

/** A new installation takes the files of its estate in one after the other. */
async function areDeclared(
  millrace: Installation,
  eventTypes: string[],
): Promise<void> {
  await expect
    .poll(async () => {
      const { items } = await millrace.get<{ items: { name: string }[] }>(
        OWNER,
        '/api/event-types/event-types',
      );
      return items.map(({ name }) => name);
    })
    .toEqual(expect.arrayContaining(eventTypes));
}

/** Some keys as an estate has them: of a page, and one that ends soon. */
async function createKeys(millrace: Installation): Promise<void> {
  await createKey(millrace, {
    name: 'Shop pages',
    producer: 'shop-web',
    kind: 'browser',
    eventTypes: [PAGE_VIEWED],
  });
  await createKey(millrace, {
    name: 'Nightly import',
    producer: 'importer',
    kind: 'server',
    eventTypes: ['shop.order_placed', PAGE_VIEWED],
    expiresAt: new Date(Date.now() + 3 * DAY_MS).toISOString(),
  });
}

/** Sends orders that fit, and waits until they lie in a sealed partition. */
async function sendOrders(
  millrace: Installation,
  eventType: string,
): Promise<void> {
  const { writeKey } = await createKey(millrace, {
    name: SHOP,
    producer: 'shop',
    kind: 'server',
    eventTypes: [eventType],
  });
  const events = Array.from({ length: 60 }, (_, number) => ({
    specversion: '1.0',
    id: `sold-${number}`,
    source: '/shop/checkout',
    type: eventType,
    data: {
      order_id: randomUUID(),
      placed_at: new Date().toISOString(),
      currency: 'EUR',
      items: [{ sku: 'tea-80', quantity: 1 + (number % 3), unit_cents: 450 }],
      total_cents: 450 * (1 + (number % 3)),
    },
  }));
  // Until the gateway knows the key and the type it answers otherwise; what is
  // sent twice is delivered once.
  const isTaken = async () => {
    const response = await fetch(`${millrace.gatewayUrl}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${writeKey}`,
        'content-type': 'application/cloudevents-batch+json',
      },
      body: JSON.stringify(events),
    });
    return response.ok;
  };
  await expect.poll(isTaken).toBe(true);
  const delivered = async () => {
    const { last24h } = await millrace.get<{ last24h: { delivered: number } }>(
      OWNER,
      `/api/delivery/event-types/${eventType}`,
    );
    return last24h.delivered;
  };
  await expect.poll(delivered, { timeout: 180_000 }).toBe(events.length);
}

/**
 * Sends orders of a checkout whose last release has two mistakes: most orders
 * lack their total, some hold a field that nobody registered.
 */
async function sendMisfits(
  millrace: Installation,
  eventType: string,
): Promise<void> {
  const { writeKey } = await createKey(millrace, {
    name: 'Checkout service',
    producer: 'checkout',
    kind: 'server',
    eventTypes: [eventType],
  });
  const order = (number: number) => ({
    order_id: randomUUID(),
    placed_at: new Date().toISOString(),
    currency: 'EUR',
    ...(number % 8 !== 0 && { items: [] }),
    ...(number % 8 === 0 && {
      items: [{ sku: 'tea-80', quantity: 2, unit_cents: 450 }],
      total_cents: 900,
      coupon: 'SPRING',
    }),
  });
  const events = Array.from({ length: 48 }, (_, number) => ({
    specversion: '1.0',
    id: `order-${String(number).padStart(4, '0')}`,
    source: '/shop/checkout',
    type: eventType,
    data: order(number),
  }));
  const send = async () => {
    const response = await fetch(`${millrace.gatewayUrl}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${writeKey}`,
        'content-type': 'application/cloudevents-batch+json',
      },
      body: JSON.stringify(events),
    });
    return response.status;
  };
  // Until the gateway knows the key and the type it answers otherwise; what is
  // sent again is the same refusal, seen once more.
  await expect
    .poll(async () => {
      if ((await send()) !== 400) return 0;
      const { items } = await millrace.get<{ items: unknown[] }>(
        OWNER,
        `/api/delivery/event-types/${eventType}/refused?reason=missing_field`,
      );
      return items.length;
    })
    .toBeGreaterThan(0);
}
