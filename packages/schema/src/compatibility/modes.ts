/**
 * Who may rely on what between two versions of a schema.
 *
 * `backward`: what was written with the earlier version reads with the later
 * one. `forward`: what is written with the later one reads with the earlier one.
 * `full`: both. `none`: neither is asked for. Each compares a version with the
 * newest one before it; the transitive ones with every one before it.
 *
 * What "reads" means, and where it differs from Avro's schema resolution, is
 * said at {@link RuleCode} and in ADR 0035.
 *
 * @public
 */
export type CompatibilityMode =
  | 'backward'
  | 'backward-transitive'
  | 'forward'
  | 'forward-transitive'
  | 'full'
  | 'full-transitive'
  | 'none';

/**
 * Every {@link CompatibilityMode}.
 *
 * @public
 */
export const COMPATIBILITY_MODES: readonly CompatibilityMode[] = [
  'backward',
  'backward-transitive',
  'forward',
  'forward-transitive',
  'full',
  'full-transitive',
  'none',
];

/**
 * The mode of an event type whose owner has chosen no other.
 *
 * @public
 */
export const DEFAULT_COMPATIBILITY_MODE: CompatibilityMode =
  'backward-transitive';

/** Which of two versions the reader has: the later one, or the earlier one. */
export type Direction = 'backward' | 'forward';

/** The directions in which a mode asks that values read. */
export function directionsOf(mode: CompatibilityMode): readonly Direction[] {
  switch (mode) {
    case 'backward':
    case 'backward-transitive':
      return ['backward'];
    case 'forward':
    case 'forward-transitive':
      return ['forward'];
    case 'none':
      return [];
    default:
      return ['backward', 'forward'];
  }
}

/** Whether a mode compares with every earlier version and not only the newest. */
export function isTransitive(mode: CompatibilityMode): boolean {
  return mode.endsWith('-transitive');
}

/**
 * Whether changing from one mode to another gives up anything that was promised.
 *
 * @public
 */
export function isLoosening(
  from: CompatibilityMode,
  to: CompatibilityMode,
): boolean {
  const kept = directionsOf(to);
  const lost = directionsOf(from).some(direction => !kept.includes(direction));
  return lost || (isTransitive(from) && !isTransitive(to));
}
