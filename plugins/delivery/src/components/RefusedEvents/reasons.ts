/** The reason codes people meet, in words. Others are shown as they are. */
const REASONS: Record<string, string> = {
  missing_field: 'a required field is missing',
  wrong_type: 'a field has the wrong type',
  unknown_field: 'a field is not in the schema',
  invalid_value: 'a value is not allowed',
  invalid_envelope: 'the CloudEvents envelope is wrong',
  event_type_unknown: 'nobody registered the event type',
  event_type_not_allowed: 'the write key is not for this event type',
  event_too_large: 'the event is too large',
};

/** A reason code in words, such as `a required field is missing`. */
export function describeReason(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll('_', ' ');
}
