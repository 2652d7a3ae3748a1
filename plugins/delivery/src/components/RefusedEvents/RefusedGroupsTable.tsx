import { Button, Flex, Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  formatAge,
  formatCount,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type {
  RefusedGroup,
  RefusedGroups,
} from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { describeReason } from './reasons';
import type { RefusedFilter } from './useRefusedFilter';
import styles from './RefusedEvents.module.css';

/** What most people need; the others are a press away. */
const SHOWN_GROUPS = 10;
const SHOWN_SENDERS = 2;

const COLUMNS = [
  { id: 'reason', label: 'Why' },
  { id: 'field', label: 'Field' },
  { id: 'count', label: 'Events', isNumeric: true },
  { id: 'seen', label: 'Seen' },
  { id: 'senders', label: 'Sent by' },
  { id: 'actions', label: 'What to do' },
];

function sendersOf({ writeKeys }: RefusedGroup): string {
  const names = writeKeys.map(
    ({ keyId, name, producer }) => producer ?? name ?? keyId,
  );
  const shown = [...new Set(names)];
  const more = shown.length - SHOWN_SENDERS;
  return [
    ...shown.slice(0, SHOWN_SENDERS),
    ...(more > 0 ? [`${formatCount(more)} more`] : []),
  ].join(', ');
}

/**
 * Refused events by reason and field: most likely one mistake each. Whoever may
 * see counts only sees the reasons and nothing to press.
 */
export function RefusedGroupsTable(props: {
  groups: RefusedGroups;
  filter: RefusedFilter;
  now: Date;
  onShow?: (group: RefusedGroup) => void;
  onFix?: (group: RefusedGroup) => void;
}) {
  const { groups, filter, now, onShow, onFix } = props;
  const [isWhole, setWhole] = useState(false);
  const isFull = groups.detail === 'full';
  const shown = isWhole ? groups.items : groups.items.slice(0, SHOWN_GROUPS);
  const hidden = groups.items.length - shown.length;
  const counted = groups.items.reduce((sum, { count }) => sum + count, 0);
  const columns = isFull
    ? COLUMNS
    : COLUMNS.filter(({ id }) => ['reason', 'count', 'seen'].includes(id));
  return (
    <Flex direction="column" gap="2">
      <PlainTable
        caption="By reason and field"
        isCaptionVisible
        columns={columns}
      >
        {shown.map(group => {
          const { reason, field, count, replayed } = group;
          const isShown = filter.reason === reason && filter.field === field;
          return (
            <tr
              key={`${reason} ${field}`}
              className={isShown ? styles.chosen : undefined}
            >
              <th scope="row">
                {describeReason(reason)}{' '}
                <code className={styles.code}>{reason}</code>
              </th>
              {isFull && <td className={styles.code}>{field}</td>}
              <NumericCell>
                {formatCount(count)}
                {replayed > 0 && (
                  <div className={styles.note}>
                    {formatCount(replayed)} replayed
                  </div>
                )}
              </NumericCell>
              <td
                className={styles.time}
                title={`${formatUtcDateTime(
                  group.firstSeenAt,
                )} to ${formatUtcDateTime(group.lastSeenAt)}`}
              >
                last {formatAge(group.lastSeenAt, now)}
                <div className={styles.note}>
                  first {formatAge(group.firstSeenAt, now)}
                </div>
              </td>
              {isFull && (
                <>
                  <td>{sendersOf(group)}</td>
                  <td>
                    <Flex gap="2">
                      {onShow && (
                        <Button
                          size="small"
                          variant="secondary"
                          aria-label={`Show the events: ${describeReason(
                            reason,
                          )} ${field ?? ''}`}
                          onPress={() => onShow(group)}
                        >
                          Show
                        </Button>
                      )}
                      {onFix && (
                        <Button
                          size="small"
                          variant="secondary"
                          isDisabled={replayed >= count}
                          aria-label={`Fix and replay: ${describeReason(
                            reason,
                          )} ${field ?? ''}`}
                          onPress={() => onFix(group)}
                        >
                          Fix and replay
                        </Button>
                      )}
                    </Flex>
                  </td>
                </>
              )}
            </tr>
          );
        })}
      </PlainTable>
      {hidden > 0 && (
        <Flex>
          <Button variant="tertiary" onPress={() => setWhole(true)}>
            {`Show ${formatCountOf(hidden, 'more group')}`}
          </Button>
        </Flex>
      )}
      {counted < groups.total && (
        <Text as="p" color="secondary">
          {formatCountOf(groups.total - counted, 'event')} more in smaller
          groups: narrow the list below to find them.
        </Text>
      )}
    </Flex>
  );
}
