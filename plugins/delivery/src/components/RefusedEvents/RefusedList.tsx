import { Button, Checkbox, Flex, Link } from '@backstage/ui';
import {
  NumericCell,
  Pager,
  PlainTable,
  formatCount,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type {
  RefusedEventSummary,
  RefusedGroups,
} from '@millrace/plugin-delivery-common';
import { Fragment } from 'react';
import { RefusedEventText } from './RefusedEventText';
import type { RefusedState } from './useRefused';
import { REPLAY_STATES } from './useRefusedFilter';
import styles from './RefusedEvents.module.css';

const SELECT_COLUMN = { id: 'select', label: 'Select' };
const TYPE_COLUMN = { id: 'eventType', label: 'Event type' };
const COLUMNS = [
  { id: 'receivedAt', label: 'Received' },
  { id: 'message', label: 'What was wrong' },
  { id: 'pointer', label: 'Where' },
  { id: 'eventId', label: 'Event id' },
  { id: 'sender', label: 'Sent by' },
  {
    id: 'seenCount',
    label: 'Seen',
    title: 'How often it was sent: a producer that retries makes one row',
    isNumeric: true,
  },
  { id: 'replay', label: 'Replay' },
  { id: 'event', label: 'Event' },
];

/** Refused events one by one; each opens to what it holds. */
export function RefusedList(props: {
  /** The event type whose page it is on; without one all types are shown. */
  name?: string;
  state: RefusedState;
  /** Gives write keys their names. */
  groups?: RefusedGroups;
  opened: string | undefined;
  onOpen: (refusalId: string | undefined) => void;
  /** Present where events can be selected. */
  selection?: {
    refusalIds: ReadonlySet<string>;
    onChange: (refusalIds: Set<string>) => void;
  };
  typeHref?: (event: RefusedEventSummary) => string | undefined;
  replayHref?: (replayId: string) => string;
}) {
  const { name, state, groups, opened, onOpen, selection } = props;
  const { typeHref, replayHref } = props;
  const { value, showNewer, showOlder } = state;
  if (!value?.items.length) {
    return null;
  }
  const columns = [
    ...(selection ? [SELECT_COLUMN] : []),
    ...(name === undefined ? [TYPE_COLUMN] : []),
    ...COLUMNS,
  ];
  const keyNames = new Map(
    groups?.items.flatMap(({ writeKeys }) =>
      writeKeys.map(key => [key.keyId, key.producer ?? key.name ?? key.keyId]),
    ),
  );
  const toggle = (refusalId: string, isSelected: boolean) => {
    const next = new Set(selection?.refusalIds);
    if (isSelected) {
      next.add(refusalId);
    } else {
      next.delete(refusalId);
    }
    selection?.onChange(next);
  };
  const selectPage = (isSelected: boolean) => {
    const next = new Set(selection?.refusalIds);
    for (const { refusalId } of value.items) {
      if (isSelected) {
        next.add(refusalId);
      } else {
        next.delete(refusalId);
      }
    }
    selection?.onChange(next);
  };

  return (
    <Flex direction="column" gap="3">
      {selection && (
        <Checkbox
          isSelected={value.items.every(({ refusalId }) =>
            selection.refusalIds.has(refusalId),
          )}
          onChange={selectPage}
        >
          Select all {formatCount(value.items.length)} on this page
        </Checkbox>
      )}
      <PlainTable
        caption="Refused events, newest first"
        isCaptionVisible
        columns={columns}
      >
        {value.items.map(event => {
          const { refusalId, eventId, writeKeyId, replayState } = event;
          const isOpened = refusalId === opened;
          const said = eventId ?? 'without an id';
          const href = typeHref?.(event);
          return (
            <Fragment key={refusalId}>
              <tr>
                {selection && (
                  <td>
                    <Checkbox
                      aria-label={`Select event ${said}`}
                      isSelected={selection.refusalIds.has(refusalId)}
                      onChange={isSelected => toggle(refusalId, isSelected)}
                    />
                  </td>
                )}
                {name === undefined && (
                  <td>
                    {href ? (
                      <Link href={href}>{event.eventType}</Link>
                    ) : (
                      event.eventType ?? 'not said'
                    )}
                  </td>
                )}
                <th scope="row" className={styles.time}>
                  <time dateTime={event.receivedAt}>
                    {formatUtcDateTime(event.receivedAt)}
                  </time>
                </th>
                <td>
                  {event.message}{' '}
                  <code className={styles.code}>{event.reason}</code>
                  {event.stage === 'sealing' && ' (at sealing)'}
                </td>
                <td className={styles.code}>{event.pointer}</td>
                <td className={styles.code}>{eventId}</td>
                <td>
                  {writeKeyId ? keyNames.get(writeKeyId) ?? writeKeyId : ''}
                  {event.source && (
                    <div className={styles.note}>{event.source}</div>
                  )}
                </td>
                <NumericCell>{formatCount(event.seenCount)}</NumericCell>
                <td className={styles.time}>
                  {event.replayId && replayHref ? (
                    <Link href={replayHref(event.replayId)}>
                      {REPLAY_STATES.find(({ id }) => id === replayState)
                        ?.label ?? replayState}
                    </Link>
                  ) : (
                    replayState !== 'none' &&
                    REPLAY_STATES.find(({ id }) => id === replayState)?.label
                  )}
                </td>
                <td>
                  <Button
                    size="small"
                    variant="tertiary"
                    aria-expanded={isOpened}
                    aria-label={`${isOpened ? 'Hide' : 'Show'} event ${said}`}
                    onPress={() => onOpen(isOpened ? undefined : refusalId)}
                  >
                    {isOpened ? 'Hide' : 'Show'}
                  </Button>
                </td>
              </tr>
              {isOpened && (
                <tr>
                  <td colSpan={columns.length}>
                    <RefusedEventText name={name} event={event} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </PlainTable>
      <Pager label="refused events" onBack={showNewer} onOn={showOlder} />
    </Flex>
  );
}
