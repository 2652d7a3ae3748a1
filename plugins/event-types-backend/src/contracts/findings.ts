/**
 * What can be said of a contract. The list is closed.
 *
 * Errors; a contract with one is not kept:
 *
 * - `invalid_yaml`: it cannot be read, or holds more than one document.
 * - `too_large`, `too_deep`, `too_many_aliases`, `too_complex`: it goes beyond a
 *   limit of size, depth, unfolding, or of time and memory.
 * - `forbidden_key`: a key that means something to JavaScript or to YAML.
 * - `not_json`: a value that JSON has no word for, or a number with more digits
 *   than can be kept.
 * - `wrong_kind`, `unsupported_version`: no contract, or of another version.
 * - `invalid_structure`: a list, object or text is something else, where the
 *   contract has to be read.
 * - `schema_object_missing`: none of its schema objects is the event type's.
 * - `field_unknown`, `field_listed_twice`, `field_type_differs`,
 *   `field_required_differs`: it contradicts the registered schema.
 *
 * Warnings; it is kept as it is:
 *
 * - `unknown_key`: the standard does not have it here.
 * - `missing_key`, `invalid_value`: the standard asks for something else.
 * - `owner_differs`, `tier_differs`, `semantic_type_differs`,
 *   `classification_differs`, `service_level_differs`: what the event type is
 *   registered with says otherwise, and stands.
 *
 * Notes:
 *
 * - `upgraded`: written in the form of version 3.1.0.
 * - `field_missing`: not described; the registered field is added on export.
 * - `other_schema_object`: describes something else than the event type.
 */
export const FINDING_SEVERITIES = {
  invalid_yaml: 'error',
  too_large: 'error',
  too_deep: 'error',
  too_many_aliases: 'error',
  too_complex: 'error',
  forbidden_key: 'error',
  not_json: 'error',
  wrong_kind: 'error',
  unsupported_version: 'error',
  invalid_structure: 'error',
  schema_object_missing: 'error',
  field_unknown: 'error',
  field_listed_twice: 'error',
  field_type_differs: 'error',
  field_required_differs: 'error',
  unknown_key: 'warning',
  missing_key: 'warning',
  invalid_value: 'warning',
  owner_differs: 'warning',
  tier_differs: 'warning',
  semantic_type_differs: 'warning',
  classification_differs: 'warning',
  service_level_differs: 'warning',
  upgraded: 'note',
  field_missing: 'note',
  other_schema_object: 'note',
} as const;

export type FindingCode = keyof typeof FINDING_SEVERITIES;

/** Something to be said of a contract. */
export interface Finding {
  code: FindingCode;
  severity: 'error' | 'warning' | 'note';
  /** RFC 6901 pointer into the contract. */
  pointer: string;
  /** Of the text that was sent, from 1. */
  line?: number;
  message: string;
}

export function finding(
  code: FindingCode,
  pointer: string,
  message: string,
): Finding {
  return { code, severity: FINDING_SEVERITIES[code], pointer, message };
}

/** A pointer one step further. */
export function below(pointer: string, token: string | number): string {
  const escaped = String(token).replaceAll('~', '~0').replaceAll('/', '~1');
  return `${pointer}/${escaped}`;
}
