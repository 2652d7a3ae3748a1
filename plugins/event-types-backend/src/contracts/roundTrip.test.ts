import type { EventType } from '@millrace/plugin-event-types-common';
import { parseEventSchema } from '@millrace/schema';
import { parse } from 'yaml';
import { chanceFrom, sorted, sprinkle } from './__testUtils__/chance';
import { CONTRACT, NAME, schema } from './__testUtils__/contract';
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
