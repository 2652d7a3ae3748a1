import {
  formatCount,
  formatCountOf,
  formatUtcDateTime,
  type Status,
} from '@millrace/plugin-data-platform-react';
import type {
  Rollout,
  RolloutChange,
  RolloutComponent,
  RolloutHistory,
} from '@millrace/plugin-delivery-common';

/** What runs, in one sentence: the answer of the page. */
export function describeRollouts({
  newest,
  components,
}: RolloutHistory): string {
  if (!newest) {
    return 'Nothing is rolled out yet.';
  }
  const { generation, everywhereAt } = newest;
  if (everywhereAt) {
    return `Generation ${generation} runs everywhere since ${formatUtcDateTime(
      everywhereAt,
    )}.`;
  }
  const parts = components.filter(
    ({ kind, isAlive }) => kind !== 'portal' && isAlive,
  );
  if (parts.length === 0) {
    return `Generation ${generation} is published, and no gateway or worker is there to run it.`;
  }
  const behind = parts.filter(({ behind: by }) => by !== 0).length;
  return behind === 0
    ? `Generation ${generation} has just reached every part.`
    : `Generation ${generation} is on its way: ${formatCount(
        parts.length - behind,
      )} of ${formatCountOf(parts.length, 'part')} run it.`;
}

/** How well a part keeps up. */
export function standingOf({ isAlive, behind }: RolloutComponent): {
  status: Status;
  word: string;
} {
  if (!isAlive) {
    return { status: 'off', word: 'Not there' };
  }
  if (behind === undefined) {
    return { status: 'waiting', word: 'Has none yet' };
  }
  return behind === 0
    ? { status: 'good', word: 'Runs the newest' }
    : {
        status: 'attention',
        word: `${formatCountOf(behind, 'generation')} behind`,
      };
}

/** The first changes of a generation, and how many more there are. */
export function summarizeChanges(
  { changes, changeCount }: Rollout,
  shown: number,
): { changes: RolloutChange[]; more: number } {
  const first = changes.slice(0, shown);
  return { changes: first, more: changeCount - first.length };
}
