import { InputError } from '@backstage/errors';
import { z } from 'zod';

/**
 * Checks a part of a request against a schema.
 *
 * @param what - names the part in the error, such as `query`
 * @throws InputError naming each wrong value's place and what is expected
 */
export function parse<T>(
  what: string,
  schema: z.ZodType<T>,
  value: unknown,
): T {
  const result = schema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    );
    throw new InputError(`Invalid ${what}: ${problems.join('; ')}`);
  }
  return result.data;
}

/** A whole number in a query, bounded, with a default. */
export function wholeNumber(options: {
  min: number;
  max: number;
  byDefault: number;
}): z.ZodType<number> {
  const { min, max, byDefault } = options;
  return z
    .string()
    .regex(/^\d{1,15}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(
      z
        .number()
        .min(min, `expected at least ${min}`)
        .max(max, `expected at most ${max}`),
    )
    .optional()
    .transform(value => value ?? byDefault);
}

/** `true` or `false` in a query, with a default. */
export function flag(byDefault: boolean): z.ZodType<boolean> {
  return z
    .enum(['true', 'false'], "expected 'true' or 'false'")
    .optional()
    .transform(value => (value === undefined ? byDefault : value === 'true'));
}

/** An instant, such as `2026-11-21T13:00:00Z`. */
export const instant = z.iso
  .datetime({
    offset: true,
    error: "expected a time such as '2026-11-21T13:00:00Z'",
  })
  .transform(text => new Date(text));
