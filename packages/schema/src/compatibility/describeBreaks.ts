import type { CompatibilityVerdict, DifferenceCode } from './types';

/**
 * Why a schema may not follow an earlier version, for whoever declares it.
 *
 * @public
 */
export interface Incompatibility {
  code: DifferenceCode;
  /** JSON pointer into the event; `*` stands for any list item or map value. */
  pointer: string;
  /** What breaks, and what to do instead. */
  message: string;
}

/**
 * What of a verdict is in the way, as problems of the declaration; empty when
 * the schema is compatible.
 *
 * @public
 */
export function describeBreaks({
  differences,
}: Pick<CompatibilityVerdict, 'differences'>): Incompatibility[] {
  return differences
    .filter(({ isBreaking }) => isBreaking)
    .map(({ code, pointer, message, advice }) => ({
      code,
      pointer,
      message: advice ? `${message}. ${advice}` : message,
    }));
}
