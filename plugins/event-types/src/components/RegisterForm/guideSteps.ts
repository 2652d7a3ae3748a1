import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import { UNDECIDED } from './localProblems';

/** A step of the guide. */
export type StepId = 'what' | 'schema' | 'privacy' | 'keeping' | 'review';

/** Every step, in the order in which somebody new takes them. */
export const STEPS: readonly { id: StepId; title: string; intro: string }[] = [
  {
    id: 'what',
    title: 'What it is',
    intro: 'What happened, who answers for it, and how urgent it is.',
  },
  {
    id: 'schema',
    title: 'Schema',
    intro:
      'What every event of this type looks like. What is not described here is refused.',
  },
  {
    id: 'privacy',
    title: 'Privacy',
    intro:
      'What each field holds about a person. What is personal is protected and can be erased.',
  },
  {
    id: 'keeping',
    title: 'Retention and volume',
    intro: 'How long it is kept, and how much of it there will be.',
  },
  {
    id: 'review',
    title: 'Review',
    intro: 'What will be made. Nothing is written before you say so.',
  },
];

const SCHEMA_PARTS = ['fields', 'schema', 'samples', 'jsonSchema', 'data'];
const KEEPING_PARTS = ['retention', 'expectedEventsPerDay'];

/** The step at which a problem is put right. */
export function stepOf(problem: DeclarationProblem): StepId {
  if (isOfPrivacy(problem)) {
    return 'privacy';
  }
  const part = problem.pointer.split('/')[1] ?? '';
  if (SCHEMA_PARTS.includes(part)) {
    return 'schema';
  }
  return KEEPING_PARTS.includes(part) ? 'keeping' : 'what';
}

function isOfPrivacy({ code }: DeclarationProblem): boolean {
  return code === UNDECIDED || code === 'unknown_semantic_type';
}

/**
 * A problem of the backend with the pointer that the form marks its fields by:
 * where it is about a decision, into the Avro record itself, wherever in the body
 * that record was.
 */
export function placed(problem: DeclarationProblem): DeclarationProblem {
  return isOfPrivacy(problem) && problem.pointer.startsWith('/schema/')
    ? { ...problem, pointer: problem.pointer.slice('/schema'.length) }
    : problem;
}

/** What somebody calls the place of a problem. */
export function placeName(problem: DeclarationProblem): string {
  const [, part = '', index] = problem.pointer.split('/');
  switch (part) {
    case 'name':
    case 'description':
    case 'owner':
    case 'tier':
    case 'tags':
    case 'system':
      return part;
    case 'retention':
      return 'retention class';
    case 'expectedEventsPerDay':
      return 'events per day';
    case 'fields':
      return index === undefined ? 'fields' : `field ${Number(index) + 1}`;
    default:
      return SCHEMA_PARTS.includes(part) ? 'schema' : 'the declaration';
  }
}
