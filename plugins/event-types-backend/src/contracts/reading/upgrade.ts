import type { JsonObject } from '@backstage/types';
import { type Finding, below, finding } from '../findings';
import { isJsonObject, objectsIn } from '../json';
import { API_VERSION } from '../standard';

const READABLE = /^v?3\.(0\.[0-2]|1\.0)$/;

/** Metrics of 3.1.0, which 3.0 called rules. */
const METRICS = new Set([
  'nullValues',
  'missingValues',
  'invalidValues',
  'duplicateValues',
  'rowCount',
]);

/**
 * Writes a contract of version 3.0.0 to 3.1.0 in the form of 3.1.0, and says
 * what it changed. A contract that has the form already is left as it is.
 *
 * Only what has one meaning is changed: a list of people becomes the members of
 * the team, a rule that is a metric of 3.1.0 becomes that metric, and the
 * versions become texts. Nothing is left out.
 *
 * @param sourceOf - how a scalar was written
 */
export function upgrade(
  document: JsonObject,
  sourceOf: (pointer: string) => string | undefined,
): { document?: JsonObject; apiVersion?: string; findings: Finding[] } {
  const { kind } = document;
  const apiVersion = document.apiVersion ?? '';
  const version =
    typeof apiVersion === 'string' ? apiVersion : sourceOf('/apiVersion') ?? '';
  if (kind !== 'DataContract') {
    return {
      findings: [
        finding('wrong_kind', '/kind', "The kind must be 'DataContract'"),
      ],
    };
  }
  if (!READABLE.test(version)) {
    return {
      findings: [
        finding(
          'unsupported_version',
          '/apiVersion',
          'Contracts of versions v3.0.0 to v3.1.0 of the standard are read',
        ),
      ],
    };
  }
  const findings: Finding[] = [];
  const changed = (pointer: string, message: string) =>
    findings.push(finding('upgraded', pointer, message));
  const upgraded = structuredClone(document);

  if (upgraded.apiVersion !== API_VERSION) {
    upgraded.apiVersion = API_VERSION;
    changed('/apiVersion', `Written as ${API_VERSION}`);
  }
  for (const key of ['version', 'id', 'name'] as const) {
    if (typeof upgraded[key] === 'number') {
      upgraded[key] = sourceOf(below('', key)) ?? String(upgraded[key]);
      changed(below('', key), 'Written as a text');
    }
  }
  if (Array.isArray(upgraded.team)) {
    upgraded.team = { members: upgraded.team };
    changed('/team', 'The list became the members of the team');
  }
  const renameRules = (owner: JsonObject, pointer: string) => {
    for (const { index, object } of objectsIn(owner.quality)) {
      const { rule } = object;
      if (
        typeof rule === 'string' &&
        METRICS.has(rule) &&
        object.metric === undefined
      ) {
        delete object.rule;
        object.metric = rule;
        changed(
          below(below(below(pointer, 'quality'), index), 'rule'),
          `The rule became the metric ${rule}`,
        );
      }
    }
    for (const { index, object } of objectsIn(owner.properties)) {
      renameRules(object, below(below(pointer, 'properties'), index));
    }
    if (isJsonObject(owner.items)) {
      renameRules(owner.items, below(pointer, 'items'));
    }
  };
  for (const { index, object } of objectsIn(upgraded.schema)) {
    renameRules(object, below('/schema', index));
  }
  return { document: upgraded, apiVersion: version, findings };
}
