import fc from 'fast-check';
import {
  parseEventTypeName,
  REFUSED_SUBSCRIPTION,
  REFUSED_TOPIC,
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from '.';

describe('event type names', () => {
  it.each([
    'abc',
    'github.push',
    'github.pull_request',
    'a1-b2.c3',
    'x'.repeat(63),
  ])('accepts %s', name => {
    expect(parseEventTypeName(name)).toBe(name);
  });

  it.each([
    undefined,
    42,
    '',
    'ab',
    'x'.repeat(64),
    'Shop.order',
    'shop..order',
    'shop.',
    '.shop',
    '1shop',
    'shop/order',
    '../etc',
    'shop order',
    'shöp.order',
    'shop.order\n',
  ])('refuses %p', name => {
    expect(() => parseEventTypeName(name)).toThrow(
      expect.objectContaining({ code: 'invalid_event_type_name' }),
    );
  });

  it('what is accepted is safe as path, topic and file name on any system', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 70 }),
          fc.stringMatching(/^[a-z._-]{1,70}$/),
        ),
        text => {
          let name;
          try {
            name = parseEventTypeName(text);
          } catch {
            return;
          }
          expect(name).toBe(name.toLowerCase());
          expect(name).not.toMatch(/[^a-z0-9._-]|\.\.|^\.|\.$/);
          expect(subscriptionOf(name)).toBe(`${topicOf(name)}.delivery`);
          expect(refusedSubscriptionOf(name)).toBe(
            `${refusedTopicOf(name)}.delivery`,
          );
        },
      ),
    );
  });

  it('names no topic for what is not an event type', () => {
    expect(() => topicOf('../x')).toThrow();
    expect(() => refusedTopicOf('../x')).toThrow();
  });

  it('never gives two resources one name', () => {
    const eventTypes = ['abc', 'abc.delivery', 'refused-events', 'event.abc'];
    const names = [
      REFUSED_TOPIC,
      REFUSED_SUBSCRIPTION,
      ...eventTypes.flatMap(name => [topicOf(name), refusedTopicOf(name)]),
    ];
    expect(new Set(names).size).toBe(names.length);
    const subscriptions = [
      REFUSED_SUBSCRIPTION,
      ...eventTypes.flatMap(name => [
        subscriptionOf(name),
        refusedSubscriptionOf(name),
      ]),
    ];
    expect(new Set(subscriptions).size).toBe(subscriptions.length);
  });
});
