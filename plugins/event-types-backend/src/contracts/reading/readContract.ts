import type { JsonObject, JsonValue } from '@backstage/types';
import type { EventType } from '@millrace/plugin-event-types-common';
import { parseOwner } from '../../registry';
import type { DeliveryFacts } from '../deliveryFacts';
import { type Finding, below, finding } from '../findings';
import { customProperty, isJsonObject, objectsIn, textIn } from '../json';
import { fieldTreeOf } from '../mapping/fieldTree';
import { compareProperties } from '../mapping/properties';
import {
  type ServiceLevelStatus,
  findingsOf,
  judgeServiceLevels,
} from '../mapping/serviceLevels';
import {
  OWNER_PROPERTY,
  TIER_PROPERTY,
  indexOfEventType,
  recordOf,
} from '../mapping/writeContract';
import { checkAgainstStandard } from '../standard';
import { MAX_FINDINGS, readYaml } from './readYaml';
import { upgrade } from './upgrade';

/** A contract as it was read, and all there is to say about it. */
export interface ReadContract {
  /** In the form of 3.1.0; missing when it cannot be kept. */
  document?: JsonObject;
  /** As it was sent, such as `v3.0.2`. */
  apiVersion?: string;
  /** Errors first, then in the order of the lines; no more than are read. */
  findings: Finding[];
  serviceLevels: ServiceLevelStatus[];
}

/**
 * Reads a contract of an event type from YAML or JSON.
 *
 * Leniently: what departs from the standard is kept and reported. Only what
 * cannot be read, and what contradicts the registered schema, stands in the
 * way; a contract changes nothing that is registered.
 */
export function readContract(
  text: string,
  eventType: EventType,
  facts: DeliveryFacts,
): ReadContract {
  const { value, findings, lineOf, sourceOf } = readYaml(text);
  if (value === undefined) {
    return { findings, serviceLevels: [] };
  }
  const withLines = (found: Finding[]) =>
    found
      .sort(bySeverityThenLine)
      .slice(0, MAX_FINDINGS)
      .map(each => ({ ...each, line: each.line ?? lineOf(each.pointer) }))
      .sort(bySeverityThenLine);
  if (!isJsonObject(value)) {
    return {
      findings: withLines([
        finding('invalid_structure', '', 'A contract is an object'),
      ]),
      serviceLevels: [],
    };
  }
  const { document, apiVersion, findings: changes } = upgrade(value, sourceOf);
  if (!document) {
    return { findings: withLines(changes), serviceLevels: [] };
  }
  const serviceLevels = judgeServiceLevels(
    document.slaProperties,
    facts,
    eventType.tier,
  );
  const all = withLines([
    ...changes,
    ...checkAgainstStandard(document),
    ...compareWithRegistered(document, eventType),
    ...findingsOf(serviceLevels),
  ]);
  // Errors come first, so the ones left out are not all there are.
  const isKept = all.every(({ severity }) => severity !== 'error');
  return {
    ...(isKept && { document }),
    apiVersion,
    findings: all,
    serviceLevels,
  };
}

/** What a contract says otherwise than the event type is registered. */
export function compareWithRegistered(
  document: JsonObject,
  eventType: EventType,
): Finding[] {
  const findings: Finding[] = [];
  compareSchema(document, eventType, findings);

  const tier = customProperty(document, TIER_PROPERTY);
  if (tier !== undefined && tier !== eventType.tier) {
    findings.push(
      finding(
        'tier_differs',
        '/customProperties',
        `The tier is ${eventType.tier}; it is changed where the event type is declared`,
      ),
    );
  }
  const { team } = document;
  if (isJsonObject(team)) {
    const named = textIn(
      customProperty(team, OWNER_PROPERTY) ?? (team.name as JsonValue),
    );
    const owner = named && parseOwner(named, '').value;
    if (named && owner !== eventType.owner) {
      findings.push(
        finding(
          'owner_differs',
          '/team',
          `The owner is ${eventType.owner}; it is changed where the event type is declared`,
        ),
      );
    }
  }
  return findings;
}

function compareSchema(
  document: JsonObject,
  eventType: EventType,
  findings: Finding[],
): void {
  if (document.schema === undefined) {
    return;
  }
  const { name } = eventType;
  const own = indexOfEventType(document, name);
  if (own < 0) {
    findings.push(
      finding(
        'schema_object_missing',
        '/schema',
        `No schema object has the name or physical name '${name}'`,
      ),
    );
    return;
  }
  for (const { index, object } of objectsIn(document.schema)) {
    const at = below('/schema', index);
    if (index === own) {
      compareProperties(
        fieldTreeOf(recordOf(eventType)),
        object.properties,
        below(at, 'properties'),
        findings,
      );
    } else {
      findings.push(
        finding(
          'other_schema_object',
          at,
          `Not of event type '${name}'; it is kept as it is`,
        ),
      );
    }
  }
}

const ORDER = ['error', 'warning', 'note'];

function bySeverityThenLine(a: Finding, b: Finding): number {
  return (
    ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
    (a.line ?? 0) - (b.line ?? 0)
  );
}
