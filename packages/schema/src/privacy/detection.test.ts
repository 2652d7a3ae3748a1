import webhooks from '@octokit/webhooks-examples';
import githubSchema from '@octokit/webhooks-schemas/schema.json';
import { importJsonSchema } from '../importing';
import { isAboutPerson, holderOf } from './__fixtures__/githubLabels';
import {
  KNOWN_NAMES,
  LabelledName,
  UNSEEN_NAMES,
} from './__fixtures__/labelledNames';
import { detectField } from './detectField';
import { valueFieldsOf } from './fields';
import type { ValueKind } from './nameRules';

const KINDS: { [letter: string]: ValueKind } = {
  s: 'text',
  i: 'integer',
  f: 'fraction',
  d: 'day',
  e: 'symbol',
  j: 'any',
};

interface Judged {
  name: string;
  isPersonal: boolean;
  isFlagged: boolean;
}

/** What has to be decided before registering: everything but `possible`. */
function isFlagged(detection: ReturnType<typeof detectField>): boolean {
  return detection !== undefined && detection.confidence !== 'possible';
}

function figures(judged: readonly Judged[]) {
  const names = (isPersonal: boolean, flagged: boolean) =>
    judged
      .filter(
        each => each.isPersonal === isPersonal && each.isFlagged === flagged,
      )
      .map(({ name }) => name);
  const found = names(true, true).length;
  const wrong = names(false, true);
  const missed = names(true, false);
  return {
    precision: found / (found + wrong.length),
    recall: found / (found + missed.length),
    wrong,
    missed,
  };
}

function detect({ name, kind }: LabelledName) {
  const steps = name.split('.');
  return detectField({
    name: steps[steps.length - 1],
    kind: KINDS[kind],
    recordNames: steps.slice(-2, -1),
  });
}

function judgeNames(labelled: readonly LabelledName[]): Judged[] {
  return labelled.map(each => ({
    name: each.name,
    isPersonal: each.label !== 'none',
    isFlagged: isFlagged(detect(each)),
  }));
}

/** Every field of the 58 webhooks, once per holder, name and kind. */
function judgeGithub(): Judged[] {
  const definitions: Record<string, unknown> = githubSchema.definitions;
  const judged = new Map<string, Judged>();
  for (const { name } of webhooks) {
    const definition = [`${name}_event`, `${name}$event`].find(key =>
      Object.hasOwn(definitions, key),
    );
    const schema = importJsonSchema(
      { $ref: `#/definitions/${definition}` },
      { name: `github.${name}`, definitions },
    );
    for (const field of valueFieldsOf(schema)) {
      const key = `${holderOf(field)}.${field.name}:${field.kind}`;
      judged.set(key, {
        name: key,
        isPersonal: isAboutPerson(field),
        isFlagged:
          judged.get(key)?.isFlagged === true || isFlagged(detectField(field)),
      });
    }
  }
  return [...judged.values()];
}

describe('detection of fields about persons', () => {
  it('finds nearly all, and hardly anything else, of the names it was written with', () => {
    const { precision, recall, wrong, missed } = figures(
      judgeNames(KNOWN_NAMES),
    );
    expect({ wrong, missed }).toEqual({ wrong: [], missed: [] });
    expect([precision, recall]).toEqual([1, 1]);
  });

  it('gives the names it was written with the right semantic type', () => {
    const wrong = KNOWN_NAMES.filter(
      each =>
        each.label !== 'none' && detect(each)?.semanticType !== each.label,
    );
    expect(wrong).toEqual([]);
  });

  it('finds most, and little else, of names no rule was written for', () => {
    const { precision, recall } = figures(judgeNames(UNSEEN_NAMES));
    expect(precision).toBeGreaterThan(0.95);
    expect(recall).toBeGreaterThan(0.88);
  });

  it("finds nearly all, and hardly anything else, in GitHub's webhooks", () => {
    const judged = judgeGithub();
    expect(judged.length).toBeGreaterThan(1_400);
    const { precision, recall } = figures(judged);
    expect(precision).toBeGreaterThan(0.95);
    expect(recall).toBeGreaterThan(0.95);
  });
});
