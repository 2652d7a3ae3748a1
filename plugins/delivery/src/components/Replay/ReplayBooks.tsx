import {
  NumericCell,
  PlainTable,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type { ReplayCounts } from '@millrace/plugin-delivery-common';
import styles from './Replay.module.css';

const COLUMNS = [
  { id: 'outcome', label: 'What became of them' },
  { id: 'events', label: 'Events', isNumeric: true },
];

interface Line {
  label: string;
  events: number;
  /** Part of the line above. */
  isPart?: boolean;
  /** Left out while it is zero. */
  isOptional?: boolean;
}

function linesOf(counts: ReplayCounts): Line[] {
  return [
    { label: 'accepted by a gateway', events: counts.accepted },
    {
      label: 'landed in a sealed partition, exactly once',
      events: counts.landed - counts.duplicates,
      isPart: true,
    },
    {
      label: 'landed more than once, later copies marked',
      events: counts.duplicates,
      isPart: true,
      isOptional: true,
    },
    { label: 'still in flight', events: counts.inFlight, isPart: true },
    { label: 'refused again', events: counts.refusedAgain },
    {
      label: 'cannot be replayed',
      events: counts.notReplayable,
      isOptional: true,
    },
    { label: 'not sent', events: counts.notSent, isOptional: true },
    { label: 'not sent yet', events: counts.waiting, isOptional: true },
  ];
}

/** The books of a replay: they close to what was selected. */
export function ReplayBooks(props: { counts: ReplayCounts }) {
  const { counts } = props;
  const lines = linesOf(counts);
  const sum = lines
    .filter(({ isPart }) => !isPart)
    .reduce((total, { events }) => total + events, 0);
  return (
    <PlainTable caption="What became of the events" columns={COLUMNS}>
      {lines
        .filter(({ isOptional, events }) => !isOptional || events > 0)
        .map(({ label, events, isPart }) => (
          <tr key={label}>
            <th scope="row" className={isPart ? styles.part : undefined}>
              {label}
            </th>
            <NumericCell>{formatCount(events)}</NumericCell>
          </tr>
        ))}
      <tr className={styles.total}>
        <th scope="row">
          {sum === counts.selected
            ? '= selected'
            : `≠ ${formatCount(counts.selected)} selected: being counted`}
        </th>
        <NumericCell>{formatCount(sum)}</NumericCell>
      </tr>
    </PlainTable>
  );
}
