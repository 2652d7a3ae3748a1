import type {
  DeclarationProblem,
  EventType,
  EventTypeRegistration,
} from '@millrace/plugin-event-types-common';
import type { EventTypesApi } from '../../api';
import {
  type Draft,
  parseSource,
  toSimpleFields,
  withDecisions,
} from './draft';
import { eventTypeNameProblem } from './eventTypeName';

/** Registered, or what has to be corrected first. */
export type Submitted =
  | { eventType: EventType; problems?: undefined }
  | { eventType?: undefined; problems: DeclarationProblem[] };

function problem(pointer: string, message: string): DeclarationProblem {
  return { code: 'invalid_value', pointer, message };
}

/** What can be told without asking the backend. */
function localProblems(draft: Draft): DeclarationProblem[] {
  const problems: DeclarationProblem[] = [];
  const name = eventTypeNameProblem(draft.name);
  if (name) {
    problems.push(problem('/name', name));
  }
  if (!draft.owner) {
    problems.push(problem('/owner', 'Choose the group that owns it.'));
  }
  const source = parseSource(draft);
  if (source?.problem) {
    problems.push(problem('/schema', source.problem));
  }
  if (draft.source === 'fields') {
    draft.fields.forEach((field, index) => {
      if (!field.name.trim()) {
        problems.push(
          problem(`/fields/${index}/name`, 'Give the field a name.'),
        );
      }
    });
  } else if (!source) {
    problems.push(problem('/schema', 'Describe what an event looks like.'));
  }
  return problems;
}

/**
 * Registers what the draft describes. Samples and JSON Schemas become an Avro
 * record first: the backend registers nothing that was not previewed.
 *
 * @throws the `ResponseError` of the registration
 */
export async function submitDraft(
  api: EventTypesApi,
  draft: Draft,
): Promise<Submitted> {
  const problems = localProblems(draft);
  const source = parseSource(draft);
  if (problems.length || !draft.owner || !source?.request) {
    return { problems };
  }
  const declaration = {
    name: draft.name,
    ...(draft.description.trim() && { description: draft.description.trim() }),
    owner: draft.owner,
    tier: draft.tier,
  };
  let registration: EventTypeRegistration;
  if (draft.source === 'fields') {
    registration = { ...declaration, fields: toSimpleFields(draft.fields) };
  } else {
    const preview = await api.preview({ name: draft.name, ...source.request });
    if (preview.problems.length || preview.schema === undefined) {
      return { problems: preview.problems };
    }
    registration = {
      ...declaration,
      schema: withDecisions(preview.schema, draft.decisions),
    };
  }
  return { eventType: await api.register(registration) };
}
