import {
  compileValidator,
  judgePrivacy,
  parseEventSchema,
  parseEventTypeName,
} from '@millrace/schema';
import {
  allGithubEventTypes,
  githubEventTypes,
  payloadCheck,
} from './eventTypes';
import { cyclePayloads, eventTypeOf, webhookExamples } from './payloads';

jest.setTimeout(120_000);

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

describe('allGithubEventTypes', () => {
  it.each(['json-schema', 'payloads'] as const)(
    'decides every field about a person in all 58 webhooks, from %s',
    source => {
      const all = allGithubEventTypes(source);
      expect(all).toHaveLength(58);
      for (const { name, description, schema } of all) {
        expect([name, description.length > 0]).toEqual([name, true]);
        expect([name, judgePrivacy(parseEventSchema(schema))]).toEqual([
          name,
          [],
        ]);
      }
    },
  );

  it('refuses payloads that drifted from the schema, naming the field', () => {
    const payloads = new Map(
      webhookExamples().map(webhook => [
        eventTypeOf(webhook.name),
        webhook.payloads,
      ]),
    );
    const refused = allGithubEventTypes('json-schema').flatMap(
      ({ name, schema }) => {
        const validate = compileValidator(parseEventSchema(schema));
        return (payloads.get(name) ?? [])
          .map(data => validate(data))
          .filter(problems => problems.length > 0);
      },
    );
    expect(refused).toHaveLength(51);
    for (const problems of refused) {
      expect(problems[0].pointer).toMatch(/^\/data\/./);
    }
    // Recorded before the field became required.
    const early = refused.filter(problems =>
      problems.some(
        ({ code, pointer }) =>
          code === 'missing_field' && pointer.endsWith('/is_template'),
      ),
    );
    expect(early.length).toBeGreaterThan(20);
  });

  it('accepts every payload by the schema that was inferred from them', () => {
    const byName = new Map(
      allGithubEventTypes('payloads').map(({ name, schema }) => [
        name,
        compileValidator(parseEventSchema(schema)),
      ]),
    );
    for (const { name, payloads } of webhookExamples()) {
      const validate = byName.get(eventTypeOf(name))!;
      expect([name, payloads.flatMap(data => validate(data))]).toEqual([
        name,
        [],
      ]);
    }
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
