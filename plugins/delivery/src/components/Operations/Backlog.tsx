import { Button, Flex, Link, SearchField } from '@backstage/ui';
import {
  EmptyState,
  PlainTable,
  StatusBadge,
  TierBadge,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  CountedList,
  EventTypeStanding,
} from '@millrace/plugin-delivery-common';
import {
  CONSUMPTION,
  describeBroker,
  describeLease,
  describeStaged,
} from './describeOperations';
import { Section } from './Section';
import { PAGE_SIZE } from './useOperations';
import styles from './Operations.module.css';

const COLUMNS = [
  { id: 'type', label: 'Event type' },
  { id: 'tier', label: 'Tier' },
  { id: 'consumption', label: 'Consumption' },
  { id: 'lease', label: 'By whom' },
  { id: 'staged', label: 'Staged, not sealed' },
  { id: 'broker', label: 'On the broker' },
];

/** What is behind, and who is at it, by event type. */
export function Backlog(props: {
  eventTypes: CountedList<EventTypeStanding>;
  search: string;
  offset: number;
  now: Date;
  onSearch: (search: string) => void;
  onOffset: (offset: number) => void;
  entityHref: (eventType: string) => string;
}) {
  const { eventTypes, search, offset, now } = props;
  const { onSearch, onOffset, entityHref } = props;
  const { items, total } = eventTypes;
  const last = offset + items.length;
  return (
    <Section
      id="backlog"
      title="Backlog and leases"
      answer="Those in need of a look come first. The broker is asked only where a gateway ended without declaring; “not measured” is not “empty”."
    >
      <div className={styles.tools}>
        <SearchField
          aria-label="Search event types"
          placeholder="Search event types"
          value={search}
          onChange={onSearch}
        />
        {total > PAGE_SIZE && (
          <Flex gap="2" align="center">
            <span role="status">
              {formatCount(items.length === 0 ? 0 : offset + 1)} to{' '}
              {formatCount(last)} of {formatCount(total)}
            </span>
            <Button
              variant="secondary"
              size="small"
              isDisabled={offset === 0}
              onPress={() => onOffset(Math.max(0, offset - PAGE_SIZE))}
            >
              Previous
            </Button>
            <Button
              variant="secondary"
              size="small"
              isDisabled={last >= total}
              onPress={() => onOffset(offset + PAGE_SIZE)}
            >
              Next
            </Button>
          </Flex>
        )}
      </div>
      {items.length > 0 && (
        <PlainTable caption="Backlog by event type" columns={COLUMNS}>
          {items.map(standing => {
            const { eventType, tier, consumption, waitingBuckets } = standing;
            const { status, word } = CONSUMPTION[consumption];
            return (
              <tr key={eventType}>
                <th scope="row">
                  <Link href={entityHref(eventType)}>{eventType}</Link>
                </th>
                <td>
                  <TierBadge tier={tier} />
                </td>
                <td>
                  <StatusBadge status={status}>{word}</StatusBadge>
                </td>
                <td className={styles.prose}>{describeLease(standing, now)}</td>
                <td className={styles.prose}>
                  {describeStaged(standing)}
                  {waitingBuckets > 0 &&
                    `; ${formatCountOf(
                      waitingBuckets,
                      'bucket waits',
                      'buckets wait',
                    )}`}
                </td>
                <td className={styles.prose}>
                  {describeBroker(standing, now)}
                </td>
              </tr>
            );
          })}
        </PlainTable>
      )}
      {items.length === 0 && (
        <EmptyState
          title={
            search
              ? `No event type is called “${search}”`
              : 'No event types yet'
          }
          description={
            search
              ? 'Search for another part of the name.'
              : 'Register an event type; a worker takes it within seconds.'
          }
          action={
            search ? (
              <Button variant="secondary" onPress={() => onSearch('')}>
                Show all
              </Button>
            ) : undefined
          }
        />
      )}
    </Section>
  );
}
