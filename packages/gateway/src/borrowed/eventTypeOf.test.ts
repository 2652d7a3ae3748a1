import { parseEventTypeName } from '@millrace/schema';
import fc from 'fast-check';
import { eventTypeOf } from './eventTypeOf';

describe('eventTypeOf', () => {
  it.each([
    ['Order Completed', 'app.order_completed'],
    ['orderCompleted', 'app.order_completed'],
    ['order-completed!', 'app.order_completed'],
    ['ORDER COMPLETED', 'app.order_completed'],
    ['  Order   Completed ', 'app.order_completed'],
    ['cart.itemAdded', 'app.cart.item_added'],
    ['2FA enabled', 'app.2_fa_enabled'],
    ['Données reçues', 'app.donnees_recues'],
    ['[Amplitude] Page Viewed', 'app.amplitude_page_viewed'],
  ])('maps %p to %s', (name, eventType) => {
    expect(eventTypeOf('app', name)).toBe(eventType);
  });

  it.each([
    '',
    '!!!',
    '订单',
    '订单 Completed',
    'Größe',
    'order..completed',
    '.',
    'x'.repeat(64),
    'a b '.repeat(100),
    '١٢٣',
  ])('has no event type for %p', name => {
    expect(eventTypeOf('app', name)).toBeUndefined();
  });

  it('keeps names that are event types as they are', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z0-9]{2,8}([._][a-z0-9]{1,5}){0,3}$/),
        name => {
          expect(eventTypeOf(name)).toBe(name);
        },
      ),
    );
  });

  it('gives the name of an event type or nothing, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({ unit: 'grapheme-ascii' }),
        ),
        name => {
          const eventType = eventTypeOf('app', name) ?? 'app.none';
          expect(parseEventTypeName(eventType)).toBe(eventType);
        },
      ),
    );
  });
});
