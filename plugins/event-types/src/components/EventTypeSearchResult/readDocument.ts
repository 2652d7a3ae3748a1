import {
  type EventTypeDocument,
  DECLARATION_STATES,
  TIERS,
} from '@millrace/plugin-event-types-common';

function textOf(document: object, key: string): string | undefined {
  const value: unknown = Reflect.get(document, key);
  return typeof value === 'string' ? value : undefined;
}

function numberOf(document: object, key: string): number {
  const value: unknown = Reflect.get(document, key);
  return typeof value === 'number' ? value : 0;
}

function textsOf(document: object, key: string): string[] {
  const value: unknown = Reflect.get(document, key);
  return Array.isArray(value)
    ? value.filter((each): each is string => typeof each === 'string')
    : [];
}

/**
 * An event type from a document of the search index. The index may hold documents
 * of an earlier release for a while: what one of them lacks is left out.
 */
export function readDocument(document: { title: string }): EventTypeDocument {
  const tier = textOf(document, 'tier');
  const state = textOf(document, 'state');
  return {
    name: document.title,
    description: textOf(document, 'description') || undefined,
    owner: textOf(document, 'owner') ?? '',
    tier: TIERS.find(each => each === tier) ?? 'normal',
    state: DECLARATION_STATES.find(each => each === state) ?? 'in-force',
    version: numberOf(document, 'version'),
    fieldCount: numberOf(document, 'fieldCount'),
    semanticTypes: textsOf(document, 'semanticTypes'),
    tags: textsOf(document, 'tags'),
  };
}
