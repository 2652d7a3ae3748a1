import type {
  EventTypeVersion,
  VersionStep,
} from '@millrace/plugin-event-types-common';
import {
  allowsDifferences,
  diffSchemas,
  parseEventSchema,
} from '@millrace/schema';

/** Of some hundred bytes each. */
const MAX_STEPS = 5_000;

/**
 * Remembers how versions follow each other: versions never change, and pages
 * that show them ask again and again.
 */
export class StepCache {
  readonly #steps = new Map<string, Omit<VersionStep, 'mode'>>();

  /** How one version follows the one before. */
  get(
    eventType: string,
    before: EventTypeVersion,
    version: EventTypeVersion,
  ): Omit<VersionStep, 'mode'> {
    const key = `${eventType} ${version.version} ${version.createdAt}`;
    const known = this.#steps.get(key);
    if (known) {
      return known;
    }
    const differences = diffSchemas(
      parseEventSchema(before.schema),
      parseEventSchema(version.schema),
    );
    const against = [{ version: before.version, differences }];
    const step = {
      isBackward: allowsDifferences(against, 'backward'),
      isForward: allowsDifferences(against, 'forward'),
      differences: differences.length,
    };
    if (this.#steps.size >= MAX_STEPS) {
      this.#steps.clear();
    }
    this.#steps.set(key, step);
    return step;
  }
}
