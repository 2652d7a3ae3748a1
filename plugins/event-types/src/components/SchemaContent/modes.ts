import type {
  CompatibilityMode,
  VersionStep,
} from '@millrace/plugin-event-types-common';

/** The name of a mode, and what it promises to whom. */
export const MODE_WORDS: Record<
  CompatibilityMode,
  { label: string; meaning: string }
> = {
  backward: {
    label: 'Backward, to the version before',
    meaning:
      'Producers of the version before go on being accepted, and its partitions read with the new schema.',
  },
  'backward-transitive': {
    label: 'Backward, to every version',
    meaning:
      'Producers of every earlier version go on being accepted, and all partitions read with the new schema.',
  },
  forward: {
    label: 'Forward, from the version before',
    meaning:
      'Readers that still use the version before understand new partitions. Producers have to move with the schema.',
  },
  'forward-transitive': {
    label: 'Forward, from every version',
    meaning:
      'Readers of every earlier version understand new partitions. Producers have to move with the schema.',
  },
  full: {
    label: 'Full, with the version before',
    meaning:
      'Neither producers nor readers of the version before notice a change.',
  },
  'full-transitive': {
    label: 'Full, with every version',
    meaning:
      'Neither producers nor readers of any earlier version notice a change.',
  },
  none: {
    label: 'None',
    meaning:
      'Any change is allowed. Producers may be refused and readers may break.',
  },
};

/** How a version follows the one before, in words and as a state. */
export function describeStep({ isBackward, isForward }: VersionStep): {
  status: 'good' | 'attention' | 'bad';
  words: string;
} {
  if (isBackward && isForward) {
    return { status: 'good', words: 'safe for producers and readers' };
  }
  if (isBackward) {
    return { status: 'good', words: 'safe for producers; readers move' };
  }
  return isForward
    ? { status: 'attention', words: 'safe for readers; producers move' }
    : { status: 'bad', words: 'breaking for producers and readers' };
}
