import { ProtocolError } from './errors';
import { eventTypeOfSubject, subjectOf } from './subjects';

describe('subjects', () => {
  it.each([
    ['shop.order_placed-value', 'shop.order_placed'],
    ['shop.order_placed', 'shop.order_placed'],
    ['face-value-value', 'face-value'],
    ['pass-key-value', 'pass-key'],
  ])('takes %s for the event type %s', (subject, eventType) => {
    expect(eventTypeOfSubject(subject)).toBe(eventType);
    expect(eventTypeOfSubject(subjectOf(eventType))).toBe(eventType);
  });

  it.each([
    'shop.order_placed-key',
    ':.staging:shop.order_placed-value',
    'com.shop.OrderPlaced',
    '../../etc/passwd-value',
    '__proto__',
    '-value',
    '',
  ])('refuses %j', subject => {
    expect(() => eventTypeOfSubject(subject)).toThrow(ProtocolError);
  });
});
