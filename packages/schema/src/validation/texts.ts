import { createAjv } from './ajv';

/**
 * Text with a form of its own. Each rule is a format and a pattern for what
 * the format allows and the column does not.
 */
export const TEXT_RULES = {
  // A TIMESTAMPTZ column turns a lower case `t` or `z` silently into NULL and
  // has no leap seconds; an offset without a colon is not RFC 3339.
  timestamp: {
    type: 'string',
    format: 'date-time',
    pattern:
      '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:[0-5]\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$',
  },
  date: { type: 'string', format: 'date' },
  // No `urn:uuid:` in front.
  uuid: { type: 'string', format: 'uuid', pattern: '^[0-9A-Fa-f]{8}-' },
};

type TextCheck = (text: unknown) => boolean;

let checks: { isTimestamp: TextCheck; isDate: TextCheck } | undefined;

/**
 * Compiled on first use: compiling needs `eval`, and a page that forbids it can
 * still use the rest of this package.
 */
export function textChecks(): NonNullable<typeof checks> {
  if (!checks) {
    const ajv = createAjv({ allErrors: false, ownProperties: false });
    checks = {
      isTimestamp: ajv.compile(TEXT_RULES.timestamp),
      isDate: ajv.compile(TEXT_RULES.date),
    };
  }
  return checks;
}
