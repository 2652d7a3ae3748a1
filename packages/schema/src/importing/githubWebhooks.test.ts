import examples from '@octokit/webhooks-examples';
import githubSchema from '@octokit/webhooks-schemas/schema.json';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { Type } from 'avsc';
import { duckdbColumns } from '../mapping';
import { compileValidator } from '../validation';
import { importJsonSchema } from './importJsonSchema';

/**
 * Real payloads against real schemas. Some payloads do not even fit GitHub's
 * own schema: they were recorded before a field became required. The import
 * may neither lose a payload that fits nor let much more through.
 */
const definitions: Record<string, unknown> = githubSchema.definitions;

const original = new Ajv({ strict: false });
addFormats(original);
original.addSchema(githubSchema, 'github');

interface Verdicts {
  name: string;
  events: number;
  accepted: number;
  /** Payloads that GitHub's schema accepts and the import refuses. */
  lost: number;
  /** Payloads that the import accepts and GitHub's schema refuses. */
  gained: number;
}

function judge(webhook: { name: string; examples: object[] }): Verdicts {
  const definition = [`${webhook.name}_event`, `${webhook.name}$event`].find(
    name => Object.hasOwn(definitions, name),
  );
  const schema = importJsonSchema(
    { $ref: `#/definitions/${definition}` },
    { name: `github.${webhook.name}`, definitions },
  );
  Type.forSchema(JSON.parse(JSON.stringify(schema.avro)));
  expect(duckdbColumns(schema).length).toBeGreaterThan(0);
  const validate = compileValidator(schema);
  const reference = original.getSchema(`github#/definitions/${definition}`)!;
  const verdicts = webhook.examples.map(event => ({
    ours: validate(event).length === 0,
    theirs: reference(event) === true,
  }));
  return {
    name: webhook.name,
    events: verdicts.length,
    accepted: verdicts.filter(({ ours }) => ours).length,
    lost: verdicts.filter(({ ours, theirs }) => theirs && !ours).length,
    gained: verdicts.filter(({ ours, theirs }) => ours && !theirs).length,
  };
}

describe("GitHub's webhooks", () => {
  const verdicts = examples.map(judge);
  const sum = (key: 'events' | 'accepted' | 'lost') =>
    verdicts.reduce((total, verdict) => total + verdict[key], 0);

  it('every webhook imports, and at least one payload of each is accepted', () => {
    expect(verdicts).toHaveLength(58);
    expect(verdicts.filter(({ accepted }) => accepted === 0)).toEqual([]);
  });

  it('every payload that fits the original schema fits the imported one', () => {
    expect(verdicts.filter(({ lost }) => lost > 0)).toEqual([]);
  });

  it('accepts 278 of the 329 payloads: two more than the original, which are ambiguous there', () => {
    expect(sum('events')).toBe(329);
    expect(sum('accepted')).toBe(278);
    // Both fit two variants of a `oneOf`, which wants exactly one.
    expect(
      verdicts.filter(({ gained }) => gained > 0).map(({ name }) => name),
    ).toEqual(['installation', 'installation_repositories']);
  });
});
