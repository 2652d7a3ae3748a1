import type { CompatibilityMode } from '@millrace/plugin-event-types-common';
import { COMPATIBILITY_MODES } from '@millrace/schema';

/**
 * A compatibility mode in the words of the protocol, such as
 * `BACKWARD_TRANSITIVE`.
 */
export function levelOf(mode: CompatibilityMode): string {
  return mode.toLocaleUpperCase('en-US').replace('-', '_');
}

/** The mode that a word of the protocol means, in any case. */
export function modeOf(level: string): CompatibilityMode | undefined {
  return COMPATIBILITY_MODES.find(
    mode => levelOf(mode) === level.toLocaleUpperCase('en-US'),
  );
}

/** Every word of the protocol. */
export const COMPATIBILITY_LEVELS: readonly string[] =
  COMPATIBILITY_MODES.map(levelOf);
