/** The event types of the lab; both have the same schema. */
export const EVENT_TYPES = ['faults.order', 'faults.visit'];

export const EVENT_SCHEMA = {
  type: 'record',
  name: 'Sent',
  fields: [
    { name: 'n', type: 'long' },
    { name: 'text', type: 'string' },
    {
      name: 'extra',
      type: ['null', { type: 'string', logicalType: 'json' }],
      default: null,
    },
  ],
};

const PADDING = 'the quick brown fox jumps over the lazy dog ';

/** The events of one wave: of both types, and two that are to be refused. */
export function makeWave(prefix, size = 6) {
  return Array.from({ length: size }, (_, n) => {
    const data = { n, text: PADDING.repeat(1 + (n % 4)) };
    const event = {
      id: `${prefix}-${n}`,
      type: EVENT_TYPES[n % EVENT_TYPES.length],
      data,
      expected: 'accepted',
    };
    // Of a known type, so that it goes to the type's own refused topic.
    if (n === 2) {
      return { ...event, data: { ...data, n: 'two' }, expected: 'refused' };
    }
    // Of no type at all: the common refused topic.
    if (n === 5) {
      return { ...event, type: 'faults.unheard_of', expected: 'refused' };
    }
    return event;
  });
}
