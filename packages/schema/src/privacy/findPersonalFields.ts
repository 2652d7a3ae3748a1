import type { EventSchema } from '../avro/types';
import { detectField } from './detectField';
import { valueFieldsOf } from './fields';
import type { PrivacyConfidence } from './nameRules';
import { textsByPath } from './samples';
import type { SemanticType } from './semanticTypes';

/**
 * A field that probably holds something about a person and of which nobody has
 * said whether it does.
 *
 * @public
 */
export interface PrivacyFinding {
  /** RFC 6901 pointer to the field in the Avro record. */
  pointer: string;
  /** Path in the event, such as `buyer.emails[]`; of the first place of several. */
  path: string;
  /** What it probably is. */
  semanticType: SemanticType;
  confidence: PrivacyConfidence;
  /** Why, in words that repeat no value. */
  reason: string;
}

/**
 * Lists the fields that probably hold something about a person and carry no
 * semantic type. Those that are `certain` or `likely` have to be decided before
 * the schema can be registered; those that are `possible` are worth a look.
 *
 * @param options - `samples` of events make it more certain; none of their
 * values is repeated
 * @public
 */
export function findPersonalFields(
  schema: EventSchema,
  options: { samples?: readonly unknown[] } = {},
): PrivacyFinding[] {
  const texts = textsByPath(schema, options.samples ?? []);
  const findings: PrivacyFinding[] = [];
  for (const field of valueFieldsOf(schema)) {
    if (field.semanticType !== undefined || field.isCovered) {
      continue;
    }
    const detection = detectField({
      ...field,
      values: valuesAt(texts, field.path),
    });
    if (detection) {
      findings.push({ pointer: field.pointer, path: field.path, ...detection });
    }
  }
  return findings;
}

/** A list or map of texts keeps its values below its own path. */
function valuesAt(
  texts: ReadonlyMap<string, string[]>,
  path: string,
): string[] | undefined {
  return texts.get(path) ?? texts.get(`${path}[]`) ?? texts.get(`${path}{}`);
}
