import { formatCount } from '@millrace/plugin-data-platform-react';
import type { EventType } from '@millrace/plugin-event-types-common';
import { type Draft, countOf, newDraft, tagsOf } from './draft';

/** Something of a declaration that a change makes another. */
export interface DetailChange {
  label: string;
  /** As it is in force; missing when nothing was said. */
  before?: string;
  after?: string;
}

/** A draft that says what is in force. */
export function draftOf(eventType: EventType): Draft {
  const { name, description, owner, tier, tags, system } = eventType;
  return {
    ...newDraft(),
    name,
    description: description ?? '',
    owner,
    tier,
    tags: (tags ?? []).join(' '),
    system,
    retention: eventType.retention,
    eventsPerDay: eventType.expectedEventsPerDay?.toString() ?? '',
  };
}

/** What a draft says otherwise than what is in force. */
export function detailChanges(
  eventType: EventType,
  draft: Draft,
): DetailChange[] {
  const before = wordsOf(draftOf(eventType));
  const after = wordsOf(draft);
  return Object.keys(before)
    .map(label => ({
      label,
      before: before[label],
      after: after[label],
    }))
    .filter(change => change.before !== change.after);
}

/**
 * What somebody has changed, upon what has come into force meanwhile: what they
 * have not touched is as it is in force now.
 *
 * @param base - what they began with
 */
export function rebase(draft: Draft, base: Draft, inForce: Draft): Draft {
  const mine = <Key extends keyof Draft>(key: Key): Draft[Key] =>
    draft[key] === base[key] ? inForce[key] : draft[key];
  return {
    ...inForce,
    description: mine('description'),
    owner: mine('owner'),
    tier: mine('tier'),
    tags: mine('tags'),
    system: mine('system'),
    retention: mine('retention'),
    eventsPerDay: mine('eventsPerDay'),
  };
}

function wordsOf(draft: Draft): { [label: string]: string | undefined } {
  return {
    Description: draft.description.trim() || undefined,
    Owner: draft.owner,
    Tier: draft.tier,
    Tags: tagsOf(draft.tags).join(', ') || undefined,
    System: draft.system,
    'Retention class': draft.retention,
    'Expected events per day': countWords(draft.eventsPerDay),
  };
}

/** A count as it is shown; what is none, as it was typed. */
function countWords(text: string): string | undefined {
  const count = countOf(text);
  const typed = text.trim() || undefined;
  return Number.isNaN(count) ? typed : formatCount(count);
}
