import type {
  DeclarationOptions,
  DeclarationProblem,
  EventTypePreview,
  NameAvailability,
} from '@millrace/plugin-event-types-common';
import { type Draft, type ParsedSource, countOf, tagsOf } from './draft';
import { eventTypeNameProblem } from './eventTypeName';
import type { FieldDecision } from './privacy';

/** The code of a field of which nobody has said whether it is about a person. */
export const UNDECIDED = 'undecided_personal_field';

const MAX_TAG_LENGTH = 63;

/** What the form knows beside the draft. */
export interface Known {
  /** Missing where the name is fixed. */
  availability?: NameAvailability;
  /** What the draft says about the schema. */
  source?: ParsedSource;
  preview?: EventTypePreview;
  decisions: FieldDecision[];
  options?: DeclarationOptions;
}

function problem(
  pointer: string,
  message: string,
  code: string = 'invalid_value',
): DeclarationProblem {
  return { code, pointer, message };
}

/**
 * What can be said without sending the declaration. The backend has the last
 * word, and may find more.
 */
export function localProblems(
  draft: Draft,
  known: Known,
): DeclarationProblem[] {
  return [...detailProblems(draft, known), ...schemaProblems(draft, known)];
}

/** Problems of everything but the schema. */
export function detailProblems(
  draft: Draft,
  known: Pick<Known, 'availability' | 'options'>,
): DeclarationProblem[] {
  const { availability, options } = known;
  const problems: DeclarationProblem[] = [];
  const name = eventTypeNameProblem(draft.name);
  if (name) {
    problems.push(problem('/name', name));
  } else if (availability?.name === draft.name) {
    problems.push(...availability.problems);
  }
  if (!draft.description.trim()) {
    problems.push(
      problem('/description', 'Say when it is sent, and what one event is.'),
    );
  }
  const most = options?.limits?.descriptionCharacters;
  if (most !== undefined && draft.description.trim().length > most) {
    problems.push(
      problem(
        '/description',
        `At most ${most} characters; these are ${
          draft.description.trim().length
        }.`,
      ),
    );
  }
  if (!draft.owner) {
    problems.push(problem('/owner', 'Choose the group that answers for it.'));
  }
  problems.push(...tagProblems(draft, options?.limits?.tags));
  const count = countOf(draft.eventsPerDay);
  const limit = options?.limits?.expectedEventsPerDay ?? Infinity;
  if (draft.eventsPerDay.trim() && !(count >= 1 && count <= limit)) {
    problems.push(
      problem(
        '/expectedEventsPerDay',
        'A whole number from 1 on, such as 20,000; or nothing, while nobody knows.',
      ),
    );
  }
  return problems;
}

function tagProblems(
  draft: Draft,
  most: number = Infinity,
): DeclarationProblem[] {
  const tags = tagsOf(draft.tags);
  const bad = tags.find(
    tag =>
      tag.length > MAX_TAG_LENGTH ||
      !tag.split('-').every(word => /^[a-z0-9+#]+$/.test(word)),
  );
  const twice = tags.find((tag, index) => tags.indexOf(tag) !== index);
  return [
    ...(bad === undefined
      ? []
      : [
          problem(
            '/tags',
            `A tag has lower case letters, digits, + and #, in words joined by -; ${bad} has not.`,
          ),
        ]),
    ...(twice === undefined
      ? []
      : [problem('/tags', `The tag ${twice} is there twice.`)]),
    ...(tags.length > most
      ? [problem('/tags', `At most ${most} tags; these are ${tags.length}.`)]
      : []),
  ];
}

function schemaProblems(draft: Draft, known: Known): DeclarationProblem[] {
  const { source } = known;
  const problems: DeclarationProblem[] = [];
  if (draft.source === 'fields') {
    draft.fields.forEach((field, index) => {
      if (!field.name.trim()) {
        problems.push(
          problem(`/fields/${index}/name`, 'Give the field a name.'),
        );
      }
    });
  } else if (source?.problem) {
    problems.push(problem('/schema', source.problem));
  } else if (!source) {
    problems.push(
      problem(
        '/schema',
        draft.source === 'samples'
          ? 'Paste at least one event.'
          : 'Paste an Avro record or a JSON Schema.',
      ),
    );
  }
  return [
    ...problems,
    ...(known.preview?.problems ?? []).filter(
      // The name is judged where it is typed.
      ({ pointer }) =>
        pointer !== '/name' && !problems.some(each => each.pointer === pointer),
    ),
    ...known.decisions
      .filter(({ isOpen }) => isOpen)
      .map(({ pointer, path, finding }) =>
        problem(
          pointer,
          `Say what ${path} holds${finding ? `: ${finding.reason}` : ''}.`,
          UNDECIDED,
        ),
      ),
  ];
}
