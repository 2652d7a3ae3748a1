import type { EventSchema } from '../avro/types';
import { appendPointer } from '../json/pointer';
import { findPersonalFields } from './findPersonalFields';
import { annotatedFieldsOf } from './annotatedFields';
import type { PrivacyConfidence } from './nameRules';
import {
  isSemanticType,
  nearestSemanticType,
  SEMANTIC_TYPES,
  type SemanticType,
} from './semanticTypes';

/**
 * Why a schema cannot be registered as far as persons are concerned.
 *
 * - `undecided_personal_field`: a field probably holds something about a person,
 *   and its `semanticType` is missing.
 * - `unknown_semantic_type`: a `semanticType` is not of the closed list.
 *
 * @public
 */
export interface PrivacyProblem {
  code: 'undecided_personal_field' | 'unknown_semantic_type';
  /** RFC 6901 pointer to the field in the Avro record, or to its annotation. */
  pointer: string;
  /** Path in the event. */
  path: string;
  message: string;
  suggestion?: {
    semanticType: SemanticType;
    confidence: PrivacyConfidence;
    reason: string;
  };
}

/**
 * Judges a declared schema: every field that probably holds something about a
 * person is decided, with words of the closed list. `none` is a decision.
 *
 * @param options - `before`: the schema in force. What it holds already is not
 * judged again, so that a rule that came later stops no event type; only what is
 * new or was changed has to be decided.
 * @public
 */
export function judgePrivacy(
  schema: EventSchema,
  options: { before?: EventSchema; samples?: readonly unknown[] } = {},
): PrivacyProblem[] {
  const { before, samples } = options;
  const known = new Map(
    before
      ? annotatedFieldsOf(before).map(({ path, field }) => [
          path,
          field.semanticType ?? '',
        ])
      : [],
  );
  const isKnown = (path: string, semanticType: string) =>
    known.get(path) === semanticType;

  const unknownWords = annotatedFieldsOf(schema).flatMap(
    ({ pointer, path, field: { semanticType } }): PrivacyProblem[] =>
      semanticType === undefined ||
      isSemanticType(semanticType) ||
      isKnown(path, semanticType)
        ? []
        : [unknownWord(pointer, path, semanticType)],
  );
  const undecided = findPersonalFields(schema, { samples })
    .filter(
      ({ confidence, path }) => confidence !== 'possible' && !isKnown(path, ''),
    )
    .map(
      ({ pointer, path, ...suggestion }): PrivacyProblem => ({
        code: 'undecided_personal_field',
        pointer,
        path,
        message: `Field '${path}' probably holds '${suggestion.semanticType}' of a person (${suggestion.reason}); give it that semanticType, or 'none' when it does not`,
        suggestion,
      }),
    );
  return [...unknownWords, ...undecided];
}

function unknownWord(
  pointer: string,
  path: string,
  word: string,
): PrivacyProblem {
  const nearest = nearestSemanticType(word);
  return {
    code: 'unknown_semantic_type',
    pointer: appendPointer(pointer, 'semanticType'),
    path,
    message: nearest
      ? `The semanticType of '${path}' is not one that Millrace knows; you probably mean '${nearest}'`
      : `The semanticType of '${path}' is not one that Millrace knows; choose one of ${SEMANTIC_TYPES.map(
          ({ id }) => id,
        ).join(', ')}`,
    ...(nearest && {
      suggestion: {
        semanticType: nearest,
        confidence: 'certain' as const,
        reason: 'the word is another name for it',
      },
    }),
  };
}
