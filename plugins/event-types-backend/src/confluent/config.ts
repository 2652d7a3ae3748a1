import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { parseOwner, parseTier } from '../registry';
import type { Tier } from '@millrace/plugin-event-types-common';

/** Who owns an event type that a client registers as a new subject. */
export interface NewSubjectRule {
  /** Of the event type's name; empty for every name. */
  prefix: string;
  owner: string;
  tier: Tier;
}

const KEY = 'eventTypes.schemaRegistry.newSubjects';

/**
 * Reads the rules for new subjects, the longest prefix first.
 *
 * @throws InputError that names the key and the right form
 */
export function readNewSubjectRulesFromConfig(
  config: Config,
): NewSubjectRule[] {
  const rules = (config.getOptionalConfigArray(KEY) ?? []).map(
    (each, index) => {
      const owner = parseOwner(each.getOptionalString('owner'), '/owner');
      const tier = parseTier(
        each.getOptionalString('tier') ?? 'normal',
        '/tier',
      );
      if (owner.value === undefined || tier.value === undefined) {
        const [problem] = [...owner.problems, ...tier.problems];
        throw new InputError(
          `Invalid ${KEY}[${index}]: ${problem.message}; expected for example { prefix: 'shop.', owner: 'group:default/shop', tier: normal }`,
        );
      }
      return {
        prefix: each.getOptionalString('prefix') ?? '',
        owner: owner.value,
        tier: tier.value,
      };
    },
  );
  return rules.sort((a, b) => b.prefix.length - a.prefix.length);
}
