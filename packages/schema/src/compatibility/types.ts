import type { CompatibilityMode, Direction } from './modes';

/**
 * Everything in which two versions of a schema can differ. The list is closed.
 *
 * The last six change what a schema says, and neither which events it takes nor
 * the columns they become.
 *
 * @public
 */
export type DifferenceCode =
  | 'field_added'
  | 'required_field_added'
  | 'field_removed'
  | 'became_required'
  | 'became_optional'
  | 'field_type_widened'
  | 'field_type_narrowed'
  | 'field_type_changed'
  | 'enum_symbols_added'
  | 'enum_symbols_removed'
  | 'documentation_changed'
  | 'semantic_type_changed'
  | 'annotation_changed'
  | 'default_changed'
  | 'avro_name_changed'
  | 'definition_changed';

/**
 * The rules that a difference can break, and for whom. The list is closed.
 *
 * Backward, for gateways that run the later version while producers still send
 * the earlier one, and for whoever reads old partitions with the new schema:
 *
 * - `unknown_field_refused`: a gateway refuses a field that the schema does not
 *   describe (ADR 0004). Avro would drop it without a word.
 * - `value_missing`: earlier events need not hold the field, and Millrace never
 *   fills in a default. Avro would, if there is one.
 * - `value_not_accepted`: some earlier value does not fit the later type.
 *
 * Forward, for whoever reads new partitions with the earlier schema; such a
 * reader ignores columns it does not know, as in Avro:
 *
 * - `missing_for_earlier_reader`: the earlier version promised a value that
 *   later events need not hold.
 * - `too_wide_for_earlier_reader`: some later value does not fit the earlier
 *   type.
 *
 * Both:
 *
 * - `column_type_changed`: the column has another type, so partitions of both
 *   versions no longer read as one table, and a table that was loaded with the
 *   earlier ones cannot take the later ones (ADR 0027). Avro would promote some
 *   of these, such as int to double.
 *
 * In two places Millrace is more liberal than Avro: fields are matched by their
 * JSON name, which is the column, so the Avro name may change; and an enum may
 * become a string, since both are text.
 *
 * @public
 */
export type RuleCode =
  | 'unknown_field_refused'
  | 'value_missing'
  | 'value_not_accepted'
  | 'missing_for_earlier_reader'
  | 'too_wide_for_earlier_reader'
  | 'column_type_changed';

/**
 * One difference between two versions of a schema.
 *
 * @public
 */
export interface SchemaDifference {
  code: DifferenceCode;
  /**
   * RFC 6901 pointer into the event, beginning with `/data`; `*` stands for any
   * list item or map value.
   */
  pointer: string;
  /** As in `FieldSummary`: `a.b[].c`. Empty for the event as a whole. */
  path: string;
  /** What was there, in words; missing when the field is new. */
  old?: string;
  /** What is there now, in words; missing when the field is gone. */
  new?: string;
  /** The rules it breaks; none when it is safe in both directions. */
  breaks: readonly RuleCode[];
  /** A sentence that says what changed. */
  message: string;
}

/**
 * A difference as a mode sees it.
 *
 * @public
 */
export interface JudgedDifference extends SchemaDifference {
  /** The earlier version it is a difference to. */
  version: number;
  /** Whether the mode forbids it. */
  isBreaking: boolean;
  /** Why it breaks, in words; missing when it does not. */
  reason?: string;
  /** What to do instead; missing when it does not break. */
  advice?: string;
}

/**
 * Whether a schema may follow earlier versions, in one mode.
 *
 * @public
 */
export interface CompatibilityVerdict {
  mode: CompatibilityMode;
  isCompatible: boolean;
  /**
   * Against the newest earlier version, all of them; against those before it,
   * the breaking ones that do not break against a newer one already.
   */
  differences: JudgedDifference[];
}

/** For which reader a rule is there. */
export const RULE_DIRECTIONS: Record<RuleCode, readonly Direction[]> = {
  unknown_field_refused: ['backward'],
  value_missing: ['backward'],
  value_not_accepted: ['backward'],
  missing_for_earlier_reader: ['forward'],
  too_wide_for_earlier_reader: ['forward'],
  column_type_changed: ['backward', 'forward'],
};
