import { Flex, Link, Select } from '@backstage/ui';
import {
  Pager,
  PlainTable,
  StatusBadge,
  formatBucket,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type {
  ReplayDetail,
  ReplayEvent,
  ReplayEventState,
} from '@millrace/plugin-delivery-common';
import type { ReactNode } from 'react';
import { NOT_REPLAYABLE } from './describePreview';
import { EVENT_STATE } from './describeReplay';
import styles from './Replay.module.css';

const COLUMNS = [
  { id: 'event', label: 'Event id' },
  { id: 'state', label: 'Outcome' },
  { id: 'where', label: 'Where, or why not' },
];

const ANY = 'any';
const STATES: ReplayEventState[] = [
  'landed',
  'in-flight',
  'refused-again',
  'not-replayable',
  'not-sent',
  'waiting',
];
const STATE_OPTIONS = [
  { id: ANY, label: 'any outcome' },
  ...STATES.map(id => ({ id, label: EVENT_STATE[id].word })),
];

function outcomeOf(
  event: ReplayEvent,
  hrefOf: (event: ReplayEvent) => string | undefined,
): ReactNode {
  const { landed, refusal, notReplayable, copies } = event;
  const href = hrefOf(event);
  if (landed) {
    const bucket = formatBucket(landed.bucketStart, landed.bucketEnd);
    return (
      <>
        {href ? <Link href={href}>{bucket}</Link> : bucket}
        {copies > 1 && `, found ${formatCount(copies)} times`}
      </>
    );
  }
  if (refusal) {
    return (
      <>
        {refusal.message} <code className={styles.code}>{refusal.reason}</code>
      </>
    );
  }
  return notReplayable && NOT_REPLAYABLE[notReplayable];
}

/** What became of each event of a replay, a page at a time. */
export function ReplayEvents(props: {
  replay: ReplayDetail;
  state: ReplayEventState | undefined;
  onStateChange: (state: ReplayEventState | undefined) => void;
  hrefOf: (event: ReplayEvent) => string | undefined;
  showNext?: () => void;
  showPrevious?: () => void;
}) {
  const { replay, state, onStateChange, hrefOf } = props;
  const { showNext, showPrevious } = props;
  return (
    <Flex direction="column" gap="3">
      <Flex>
        <Select
          label="Show the events with"
          options={STATE_OPTIONS}
          value={state ?? ANY}
          onChange={value => onStateChange(STATES.find(id => id === value))}
        />
      </Flex>
      <PlainTable caption="Its events" columns={COLUMNS}>
        {replay.events.map(event => (
          <tr key={event.refusalId}>
            <th scope="row" className={styles.code}>
              {event.eventId ?? 'without an id'}
              {event.isIdMinted && ' (given by the replay)'}
            </th>
            <td>
              <StatusBadge status={EVENT_STATE[event.state].status}>
                {EVENT_STATE[event.state].word}
              </StatusBadge>
            </td>
            <td>{outcomeOf(event, hrefOf)}</td>
          </tr>
        ))}
        {replay.events.length === 0 && (
          <tr>
            <td colSpan={COLUMNS.length}>No event has this outcome.</td>
          </tr>
        )}
      </PlainTable>
      <Pager
        label="events of the replay"
        words={{ back: 'Previous events', on: 'Next events' }}
        onBack={showPrevious}
        onOn={showNext}
      />
    </Flex>
  );
}
