import { pathInRepository } from './pathInRepository';

describe('pathInRepository', () => {
  it.each([
    [
      'url:https://github.com/shop/orders/blob/main/events/order.yaml',
      'events/order.yaml',
    ],
    ['url:https://github.com/shop/orders/tree/main/order.yaml', 'order.yaml'],
    [
      'url:https://gitlab.example/shop/orders/-/blob/v1/a/b.yaml?ref_type=heads',
      'a/b.yaml',
    ],
    ['url:https://code.example/raw/order.yaml', 'order.yaml'],
    ['file:/srv/estate/event-types.yaml', 'event-types.yaml'],
  ])('finds the path in %s', (location, path) => {
    expect(pathInRepository(location)).toBe(path);
  });

  it.each([
    'url:https://code.example/a;rm%20-rf.yaml',
    'url:https://code.example/$(id).yaml',
    'url:https://code.example/--fix',
    'url:https://github.com/a/b/blob/main/%2e%2e%2fsecrets',
    'file:/srv/a b.yaml',
    'file:',
    '',
  ])('tells nothing that a shell would not take for a path: %s', location => {
    expect(pathInRepository(location)).toBeUndefined();
  });
});
