import { EventSchema } from '../avro/types';
import { judgeSchema } from './judgeSchema';
import { DifferenceCode } from './types';

/**
 * A change after which producers or readers of the previous version would
 * break.
 *
 * @public
 */
export interface Incompatibility {
  code: DifferenceCode;
  /** JSON pointer into the event; `*` stands for any list item or map value. */
  pointer: string;
  message: string;
}

/**
 * Lists what in `next` is not backward compatible with `previous`; an empty
 * list means that producers of the previous version go on being accepted and
 * readers go on finding what they read. The short form of {@link judgeSchema}.
 *
 * Adding optional fields, making fields optional, widening int to long, float
 * to double and enum to string, and adding symbols to an enum are compatible.
 *
 * @public
 */
export function compareSchemas(
  previous: EventSchema,
  next: EventSchema,
): Incompatibility[] {
  const { differences } = judgeSchema({
    previous: [{ version: 1, schema: previous }],
    next,
    mode: 'backward',
  });
  return differences
    .filter(({ isBreaking }) => isBreaking)
    .map(({ code, pointer, message, advice }) => ({
      code,
      pointer,
      message: advice ? `${message}. ${advice}` : message,
    }));
}
