import type { JsonObject } from '@backstage/types';
import { Document, isNode } from 'yaml';
import type { ServiceLevelStatus } from './mapping/serviceLevels';

/**
 * A contract as YAML that every reader understands alike: what a reader of YAML
 * 1.1 would take for a date, a number or a boolean, and is a text, is in
 * quotes. Each line of the service levels says in a comment whether it is
 * measured.
 */
export function writeYaml(
  contract: JsonObject,
  serviceLevels: readonly ServiceLevelStatus[],
): string {
  const document = new Document(contract, {
    version: '1.1',
    aliasDuplicateObjects: false,
  });
  // The choice of 1.1 is for the quotes; to say it would be to ask for it.
  document.directives = undefined;
  serviceLevels.forEach(({ status, why }, index) => {
    const node = document.getIn(['slaProperties', index], true);
    if (isNode(node)) {
      node.commentBefore = ` ${status}: ${oneLine(why)}`;
    }
  });
  return document.toString({ lineWidth: 0 });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
