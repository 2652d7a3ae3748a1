import { ConfigReader } from '@backstage/config';
import {
  readBucketSecondsFromConfig,
  readOrphanAfterMsFromConfig,
  readRetentionClassesFromConfig,
} from './config';

const week = { id: 'week', title: '7 days', description: 'A', keepDays: 7 };

const retention = (value: object) =>
  readRetentionClassesFromConfig(
    new ConfigReader({
      eventTypes: { retention: JSON.parse(JSON.stringify(value)) },
    }),
  );

describe('the configuration of event types', () => {
  it('has defaults, one retention class among them the default', () => {
    const config = new ConfigReader({});
    const classes = readRetentionClassesFromConfig(config);
    expect(classes.map(({ id }) => id)).toEqual(['short', 'standard', 'long']);
    expect(classes.filter(({ isDefault }) => isDefault)).toHaveLength(1);
    expect(readOrphanAfterMsFromConfig(config)).toBe(600_000);
    expect(readBucketSecondsFromConfig(config)).toBe(3600);
  });

  it('takes the classes of the installation', () => {
    expect(retention({ default: 'week', classes: [week] })).toEqual([
      { ...week, isDefault: true },
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['a default that is none', { default: 'x', classes: [week] }, /default/],
    ['two with one id', { default: 'week', classes: [week, week] }, /one id/],
    [
      'an id of its own form',
      { default: 'A b', classes: [{ ...week, id: 'A b' }] },
      /classes\[0\]\.id/,
    ],
    [
      'half a day',
      { default: 'week', classes: [{ ...week, keepDays: 0.5 }] },
      /classes\[0\]\.keepDays/,
    ],
    ['no default', { classes: [week] }, /default/],
  ])('refuses %s, naming the key', (_what, value, message) => {
    expect(() => retention(value)).toThrow(message);
  });
});
