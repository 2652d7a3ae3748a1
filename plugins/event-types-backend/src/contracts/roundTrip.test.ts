import type { EventType } from '@millrace/plugin-event-types-common';
import { parseEventSchema } from '@millrace/schema';
import { parse } from 'yaml';
import { chanceFrom, sorted, sprinkle } from './__testUtils__/chance';
import { CONTRACT, NAME, schema } from './__testUtils__/contract';
import { EVERYTHING, everythingSchema } from './__testUtils__/everything';
import type { DeliveryFacts } from './deliveryFacts';
import { judgeServiceLevels } from './mapping/serviceLevels';
import { overlayContract, writeContract } from './mapping/writeContract';
import { readContract } from './reading/readContract';
import { checkAgainstStandard } from './standard';
import { writeYaml } from './writeYaml';

const RUNS = 150;

const facts: DeliveryFacts = {
  bucketSeconds: 3600,
  latenessObjectivesMs: { critical: 900_000, normal: 3.6e6, low: 14.4e6 },
  projectId: 'mill',
  lake: { kind: 'folder' },
};

const eventType: EventType = {
  name: NAME,
  owner: 'group:default/webhooks',
  tier: 'normal',
  version: 1,
  generation: 1,
  origin: 'portal',
  schema: parseEventSchema(schema).avro,
  fields: [],
  createdAt: '2026-11-21T13:00:00.000Z',
  createdBy: 'user:default/owner',
  updatedAt: '2026-11-21T13:00:00.000Z',
  updatedBy: 'user:default/owner',
};

const generated = writeContract(eventType, facts);

describe('the way of a contract through reading, keeping and writing', () => {
  it('loses nothing of any contract with any keys', () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const chance = chanceFrom(seed);
      const source = sprinkle(
        chance.next() < 0.5 ? generated : parse(CONTRACT),
        chance,
      );
      let text = JSON.stringify(source);
      // Twice around: what is given out can be imported again.
      for (let round = 0; round < 2; round++) {
        const { document, serviceLevels } = readContract(
          text,
          eventType,
          facts,
        );
        const kept = JSON.parse(JSON.stringify(document));
        const exported = overlayContract(kept, eventType);
        expect(`${seed} ${sorted(exported)}`).toBe(`${seed} ${sorted(source)}`);
        text = writeYaml(exported, serviceLevels);
        // Another reader of YAML, and of its older version, finds the same.
        expect(sorted(parse(text))).toBe(sorted(source));
        expect(sorted(parse(text, { version: '1.1' }))).toBe(sorted(source));
      }
    }
  });

  it('takes a contract with every section of the standard for valid, and gives it back', () => {
    const payments: EventType = {
      ...eventType,
      name: 'pay.payment',
      owner: 'group:default/payments',
      schema: parseEventSchema(everythingSchema).avro,
    };
    const { document, findings, serviceLevels } = readContract(
      EVERYTHING,
      payments,
      facts,
    );
    expect(findings.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'other_schema_object /schema/1',
    ]);
    expect(serviceLevels.map(({ status }) => status)).toEqual([
      'measured',
      ...Array(4).fill('declared only'),
      'measured',
      'measured',
      'declared only',
    ]);
    const exported = overlayContract(document!, payments);
    expect(sorted(exported)).toBe(sorted(parse(EVERYTHING)));
    expect(sorted(parse(writeYaml(exported, serviceLevels)))).toBe(
      sorted(parse(EVERYTHING)),
    );
  });

  it.each([
    ['status: active', '', 'missing_key /status'],
    [
      'type: kafka, host: broker.example:9092',
      'type: kafka',
      'missing_key /servers/1/host',
    ],
    ['type: s3', 'type: gcs', 'invalid_value /servers/2/type'],
    [
      'metric: nullValues',
      'metric: nulls',
      'invalid_value /schema/0/properties/2/quality/0/metric',
    ],
    [
      'dimension: completeness',
      'dimension: beauty',
      'invalid_value /schema/0/quality/0/dimension',
    ],
    [
      'username: a.owner',
      'nickname: a.owner',
      'missing_key /team/members/0/username',
    ],
    ['tags: [money]', 'tags: money', 'invalid_value /tags'],
    [
      'unique: false',
      'isUnique: false',
      'unknown_key /schema/0/properties/1/isUnique',
    ],
    [
      'priceAmount: 9.95',
      "priceAmount: '9.95'",
      'invalid_value /price/priceAmount',
    ],
    [
      'partitionKeyPosition: 1',
      'partitionKeyPosition: 1.5',
      'invalid_value /schema/0/properties/0/partitionKeyPosition',
    ],
    [
      'property: throughput, value: null',
      'property: throughput',
      'missing_key /slaProperties/7/value',
    ],
  ])('reports %j written as %j', (valid, wrong, expected) => {
    const source = parse(EVERYTHING.replace(valid, wrong));
    expect(
      checkAgainstStandard(source).map(
        ({ code, pointer }) => `${code} ${pointer}`,
      ),
    ).toContain(expected);
  });

  it('writes valid contracts that contradict nothing', () => {
    const { document, findings, serviceLevels } = readContract(
      writeYaml(generated, []),
      eventType,
      facts,
    );
    expect(findings).toEqual([]);
    expect(document).toEqual(generated);
    expect(serviceLevels.map(({ status }) => status)).toEqual([
      'measured',
      'measured',
    ]);
  });

  it('finds every key that the standard does not have, and none that it has', () => {
    let planted = 0;
    let found = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const source = sprinkle(generated, chanceFrom(seed));
      const findings = checkAgainstStandard(JSON.parse(JSON.stringify(source)));
      planted += [...JSON.stringify(source).matchAll(/"x-\d+":/g)].length;
      found += findings.length;
      expect(
        findings.every(
          ({ code, pointer }) =>
            code === 'unknown_key' && /\/x-\d+$/.test(pointer),
        ),
      ).toBe(true);
    }
    // Servers, descriptions and what an unknown key holds are open.
    expect(found).toBeGreaterThan(planted / 3);
    expect(found).toBeLessThanOrEqual(planted);
  });

  it.each([
    [{ property: 'latency', value: 60, unit: 'min' }, 'measured'],
    [{ property: 'ly', value: 1, unit: 'd' }, 'measured'],
    [{ property: 'freshness', value: 'PT1H' }, 'measured'],
    [{ property: 'latency', value: 'PT59M' }, 'differs'],
    [{ property: 'latency', value: 3600, unit: 'ms' }, 'differs'],
    [{ property: 'latency', value: 1 }, 'declared only'],
    [{ property: 'latency', value: 'P', unit: 'h' }, 'declared only'],
    [{ property: 'latency', value: 1, unit: 'constructor' }, 'declared only'],
    [{ property: 'frequency', value: 1, unit: 'h' }, 'measured'],
    [{ property: 'fy', value: 5, unit: 'min' }, 'differs'],
    [{ property: 'timeOfAvailability', value: '01:00' }, 'measured'],
    [{ property: 'timeOfAvailability', value: '00:30Z' }, 'differs'],
    [{ property: 'timeOfAvailability', value: '00:30-01:00' }, 'measured'],
    [{ property: 'timeOfAvailability', value: 'morning' }, 'declared only'],
    [{ property: 'throughput', value: 5 }, 'declared only'],
    [{ property: 'toString', value: 5 }, 'declared only'],
    [{}, 'declared only'],
  ])('judges the service level %j as %s', (line, status) => {
    expect(judgeServiceLevels([line], facts, 'normal')).toMatchObject([
      { pointer: '/slaProperties/0', status, why: expect.any(String) },
    ]);
  });
});
