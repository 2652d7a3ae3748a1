import {
  compileValidator,
  parseEventSchema,
  parseEventTypeName,
} from '@millrace/schema';
import { githubEventTypes, payloadCheck } from './eventTypes';
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
  it('gives every event type in turn, mostly payloads that fit, and those that do not in one round of 25', () => {
    const fits = payloadCheck();
    const types = ['github.push', 'github.check_run'];
    const payloads = cyclePayloads(new Set(types), fits);
    const rounds = Array.from({ length: 50 }, () =>
      types.map(() => payloads.next().value),
    );
    expect(
      rounds.every(round =>
        types.every(type => round.some(({ eventType }) => eventType === type)),
      ),
    ).toBe(true);
    const misfits = rounds.map(
      round => round.filter(payload => !fits(payload)).length,
    );
    expect(misfits.filter(count => count > 0).length).toBe(2);
    expect(misfits[4]).toBeGreaterThan(0);
    expect(misfits[29]).toBeGreaterThan(0);
  });

  it('refuses event types without example payloads', () => {
    expect(() =>
      cyclePayloads(new Set(['shop.order']), () => true).next(),
    ).toThrow(/None of the event types/);
  });
});
