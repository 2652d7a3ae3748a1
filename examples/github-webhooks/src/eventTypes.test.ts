import {
  compileValidator,
  parseEventSchema,
  parseEventTypeName,
} from '@millrace/schema';
import { githubEventTypes } from './eventTypes';
import { cyclePayloads, eventTypeOf, webhookExamples } from './payloads';

const eventTypes = githubEventTypes();

describe('githubEventTypes', () => {
  it('declares event types of every tier that the portal can take as they are', () => {
    expect(eventTypes.length).toBeGreaterThanOrEqual(24);
    expect(new Set(eventTypes.map(({ name }) => name)).size).toBe(
      eventTypes.length,
    );
    expect(new Set(eventTypes.map(({ tier }) => tier)).size).toBe(3);
    for (const { name, description, schema } of eventTypes) {
      expect(parseEventTypeName(name)).toMatch(/^github\./);
      expect(description).toMatch(/^[^[\]]+\.$/);
      expect(parseEventSchema(JSON.parse(JSON.stringify(schema))).avro).toEqual(
        schema,
      );
    }
  });

  it('takes at least one real payload of each, and refuses some of most', () => {
    const payloads = new Map(
      webhookExamples().map(webhook => [
        eventTypeOf(webhook.name),
        webhook.payloads,
      ]),
    );
    const verdicts = eventTypes.map(({ name, schema }) => {
      const validate = compileValidator(parseEventSchema(schema));
      const all = payloads.get(name) ?? [];
      return {
        accepted: all.filter(data => validate(data).length === 0).length,
        sent: all.length,
      };
    });
    expect(verdicts.filter(({ accepted }) => accepted === 0)).toEqual([]);
    const sum = (key: 'accepted' | 'sent') =>
      verdicts.reduce((total, verdict) => total + verdict[key], 0);
    expect(sum('accepted')).toBeGreaterThan(sum('sent') * 0.8);
    expect(sum('accepted')).toBeLessThan(sum('sent'));
  });
});

describe('cyclePayloads', () => {
  it('gives one payload of each type in turn, then the next of each', () => {
    const payloads = cyclePayloads(new Set(['github.push', 'github.star']));
    const taken = Array.from({ length: 4 }, () => payloads.next().value);
    expect(taken.map(({ eventType }) => eventType)).toEqual([
      'github.push',
      'github.star',
      'github.push',
      'github.star',
    ]);
    expect(taken[0].data).not.toEqual(taken[2].data);
  });

  it('refuses to cycle over nothing', () => {
    expect(() => cyclePayloads(new Set(['shop.order'])).next()).toThrow();
  });
});
