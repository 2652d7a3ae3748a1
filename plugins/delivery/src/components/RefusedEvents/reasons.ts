/** The reason codes people meet, in words. Others are shown as they are. */
const REASONS: Record<string, string> = {
  missing_field: 'a required field is missing',
  wrong_type: 'a field has the wrong type',
  unknown_field: 'a field is not in the schema',
  invalid_value: 'a value is not allowed',
  invalid_envelope: 'the CloudEvents envelope is wrong',
  invalid_json: 'it is not JSON',
  event_type_unknown: 'nobody registered the event type',
  event_type_not_allowed: 'the write key is not for this event type',
  event_too_large: 'the event is too large',
  too_deep: 'the event is nested too deep',
  duplicate_name: 'a name stands twice in one object',
  forbidden_name: 'a name is not allowed',
  number_out_of_range: 'a number is out of range',
  invalid_text: 'a text holds what no text may hold',
  unmapped: 'no event type is there for this call',
};

/** What is wrong with a field, as what follows its name. */
const FIELD_REASONS: Record<string, string> = {
  missing_field: 'is missing',
  wrong_type: 'has the wrong type',
  unknown_field: 'is not in the schema',
  invalid_value: 'has a value that is not allowed',
  duplicate_name: 'stands there twice',
  forbidden_name: 'has a name that is not allowed',
  number_out_of_range: 'is out of range',
  invalid_text: 'holds what no text may hold',
};

/** A reason code in words, such as `a required field is missing`. */
export function describeReason(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll('_', ' ');
}

/** A reason at a field in words, such as `/data/amount is missing`. */
export function describeReasonAt(reason: string, field?: string): string {
  if (!field) {
    return describeReason(reason);
  }
  return reason in FIELD_REASONS
    ? `${field} ${FIELD_REASONS[reason]}`
    : `${describeReason(reason)} (${field})`;
}
