import type {
  DeclarationReviewRequest,
  EventTypePreview,
  EventTypeRegistration,
} from '@millrace/plugin-event-types-common';
import {
  type Draft,
  type ParsedSource,
  countOf,
  tagsOf,
  toSimpleFields,
} from './draft';
import { decidedPreview } from './privacy';

/** What the form sends beside the schema. Empty fields are left out. */
function declarationOf(draft: Draft) {
  const tags = tagsOf(draft.tags);
  return {
    name: draft.name,
    ...(draft.description.trim() && { description: draft.description.trim() }),
    owner: draft.owner ?? '',
    tier: draft.tier,
    ...(tags.length > 0 && { tags }),
    ...(draft.system && { system: draft.system }),
    ...(draft.retention && { retention: draft.retention }),
    ...(draft.eventsPerDay.trim() && {
      expectedEventsPerDay: countOf(draft.eventsPerDay),
    }),
  };
}

/**
 * The registration of a new event type. What was pasted is sent as the Avro
 * record that the preview made of it, with what was decided: nothing is
 * registered that was not shown.
 *
 * @returns undefined while there is no schema
 */
export function registrationOf(
  draft: Draft,
  preview: EventTypePreview | undefined,
): EventTypeRegistration | undefined {
  const declaration = declarationOf(draft);
  if (draft.source === 'fields') {
    return { ...declaration, fields: toSimpleFields(draft.fields) };
  }
  return preview?.schema === undefined
    ? undefined
    : { ...declaration, schema: decidedPreview(draft, preview).schema };
}

/** The change of an event type whose schema stays as it is. */
export function changeOf(draft: Draft, schema: unknown): EventTypeRegistration {
  return { ...declarationOf(draft), schema };
}

/** A registration, and the samples by which its volume is estimated. */
export function reviewRequestOf(
  registration: EventTypeRegistration,
  source: ParsedSource | undefined,
): DeclarationReviewRequest {
  const samples = source?.request?.samples;
  return { ...registration, ...(samples?.length && { samples }) };
}
