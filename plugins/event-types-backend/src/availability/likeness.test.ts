import { likeness } from './likeness';

describe('likeness of names', () => {
  it.each<[string, string, number | undefined]>([
    ['shop.order_paid', 'shop.order_payed', 2],
    ['shop.order_paid', 'shop.order_piad', 1],
    ['shop.order_paid', 'shop.orders_payd', 2],
    ['shop.order_paid', 'shop.orders_payed', undefined],
    ['shop.order_paid', 'hop.order_paid', 1],
    ['shop.order_paid', 'shop.order_paids', 1],
    ['push', 'posh', undefined],
    ['pushed', 'posted', undefined],
    ['shop.order_paid', 'shop.order_sent', undefined],
    ['shop.order.v2', 'shop.order.v3', undefined],
    ['shop.order2', 'shop.order', undefined],
    ['shop.order_paid', 'shop.order_paid', undefined],
  ])('of %s and %s is %p, either way round', (a, b, expected) => {
    expect(likeness(a, b)).toBe(expected);
    expect(likeness(b, a)).toBe(expected);
  });
});
