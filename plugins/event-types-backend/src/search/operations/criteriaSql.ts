import {
  ANY_PERSONAL,
  type EventTypeCriteria,
  type FieldCriteria,
} from '@millrace/plugin-event-types-common';
import { SEMANTIC_TYPES } from '@millrace/schema';
import type { Knex } from 'knex';
import { likePatterns } from './textWords';

/** The state of a declaration, the gravest first; see `DeclarationState`. */
export const STATE_SQL = `case
  when event_types.retired_at is not null then 'retired'
  when event_types.withdrawn_at is not null then 'withdrawn'
  when exists (
    select from declaration_problems
    where declaration_problems.event_type = event_types.name
  ) then 'refused'
  when event_types.orphaned_at is not null then 'orphaned'
  when event_types.deprecated_at is not null then 'deprecated'
  else 'in-force'
end`;

/** What the words of a search of event types are looked for in. */
const EVENT_TYPE_TEXT_SQL = `concat_ws(' ', event_types.name,
  event_types.description, event_types.owner, event_types.tags::text)`;

/** What the words of a search of fields are looked for in. */
const FIELD_TEXT_SQL = `concat_ws(' ', event_type_fields.path,
  event_type_fields.event_type, event_type_fields.doc)`;

/** Every criterion as a condition of its own: true where it narrows nothing. */
export type Conditions<TKey extends string> = { [key in TKey]: Knex.Raw };

const PERSONAL = SEMANTIC_TYPES.filter(({ isPersonal }) => isPersonal).map(
  ({ id }) => id,
);

/** Semantic types as they are stored. */
function storedSemanticTypes(chosen: readonly string[]): string[] {
  return chosen.flatMap(id => (id === ANY_PERSONAL ? PERSONAL : [id]));
}

function anyOf(
  db: Knex,
  expression: string,
  values: readonly string[] | undefined,
): Knex.Raw {
  return values?.length
    ? db.raw(`${expression} = any(?::text[])`, [[...values]])
    : db.raw('true');
}

function hasAllWords(
  db: Knex,
  expression: string,
  text: string | undefined,
): Knex.Raw {
  const patterns = likePatterns(text);
  return patterns.length
    ? db.raw(`${expression} ilike all(?::text[])`, [patterns])
    : db.raw('true');
}

/** The conditions of {@link EventTypeCriteria} on a row of `event_types`. */
export function eventTypeConditions(
  db: Knex,
  criteria: EventTypeCriteria,
  ownershipRefs: readonly string[],
): Conditions<'text' | 'owner' | 'tier' | 'state' | 'semanticType' | 'mine'> {
  const { text, owners, tiers, states, semanticTypes, isMine } = criteria;
  return {
    text: hasAllWords(db, EVENT_TYPE_TEXT_SQL, text),
    owner: anyOf(db, 'event_types.owner', owners),
    tier: anyOf(db, 'event_types.tier', tiers),
    state: anyOf(db, `(${STATE_SQL})`, states),
    semanticType: semanticTypes?.length
      ? db.raw(
          `exists (
             select from event_type_fields
             where event_type_fields.event_type = event_types.name
               and event_type_fields.semantic_type = any(?::text[])
           )`,
          [storedSemanticTypes(semanticTypes)],
        )
      : db.raw('true'),
    mine: isMine
      ? db.raw('event_types.owner = any(?::text[])', [[...ownershipRefs]])
      : db.raw('true'),
  };
}

/**
 * The conditions of {@link FieldCriteria} on a row of `event_type_fields` beside
 * its row of `event_types`.
 */
export function fieldConditions(
  db: Knex,
  criteria: FieldCriteria,
  ownershipRefs: readonly string[],
): Conditions<
  'text' | 'eventType' | 'path' | 'owner' | 'semanticType' | 'mine'
> {
  const { text, eventTypes, paths, owners, semanticTypes, isMine } = criteria;
  return {
    text: hasAllWords(db, FIELD_TEXT_SQL, text),
    eventType: anyOf(db, 'event_type_fields.event_type', eventTypes),
    path: anyOf(db, 'event_type_fields.path', paths),
    owner: anyOf(db, 'event_types.owner', owners),
    semanticType: anyOf(
      db,
      'event_type_fields.semantic_type',
      semanticTypes && storedSemanticTypes(semanticTypes),
    ),
    mine: isMine
      ? db.raw('event_types.owner = any(?::text[])', [[...ownershipRefs]])
      : db.raw('true'),
  };
}
