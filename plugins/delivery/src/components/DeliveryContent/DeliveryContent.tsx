import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Flex, Skeleton, Text } from '@backstage/ui';
import {
  PartitionStrip,
  ProblemPanel,
  StatusBadge,
  formatAge,
  formatCountOf,
  isNotFound,
} from '@millrace/plugin-data-platform-react';
import type {
  DeliveryOverviewRow,
  LedgerQuery,
} from '@millrace/plugin-delivery-common';
import { useSearchParams } from 'react-router-dom';
import { eventTypeHealth } from '../../health';
import { useEventTypeDelivery } from '../../hooks';
import { ConditionsList } from '../ConditionsCard';
import { PartitionPanel } from '../PartitionPanel';
import {
  PARTITION_PARAM,
  Partitions,
  REVISION_PARAM,
  partitionHref,
  useLedger,
} from '../Partitions';
import { RefusedEvents } from '../RefusedEvents';
import { RevisePartition } from '../Revisions';
import { describeDelivery } from './describeDelivery';

/** What the sentence leaves out: what never was accepted, and when the last came. */
function BeforeTheLedger(props: { row: DeliveryOverviewRow; now: Date }) {
  const { row, now } = props;
  const { last24h, lastReceivedAt } = row;
  return (
    <Text as="p">
      {last24h.refusedAtGateway > 0 ? (
        <>
          <a href="#refused">
            {formatCountOf(last24h.refusedAtGateway, 'event')} refused
          </a>{' '}
          at the gateway in the last 24 hours, before being accepted.
        </>
      ) : (
        'No event was refused at the gateway in the last 24 hours.'
      )}{' '}
      {lastReceivedAt
        ? `Last event ${formatAge(lastReceivedAt, now)}.`
        : 'No event yet.'}
    </Text>
  );
}

const DAYS: LedgerQuery = { by: 'day' };
/** Days change slowly, and the sentence is about all of them. */
const DAYS_INTERVAL_MS = 30_000;

/** What the address bar gives, if it can be the number of a revision. */
function revisionOf(search: URLSearchParams): number | undefined {
  const text = search.get(REVISION_PARAM) ?? '';
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** Does all of it arrive, and in time? */
export function DeliveryContent() {
  const { entity } = useEntity();
  const { name } = entity.metadata;
  const entityHref = useEntityRefLink()(stringifyEntityRef(entity));
  const [search, setSearch] = useSearchParams();
  const opened = search.get(PARTITION_PARAM);
  const revision = revisionOf(search);
  const { value, error, updatedAt, isLoading, reload } =
    useEventTypeDelivery(name);
  const days = useLedger(name, DAYS, { intervalMs: DAYS_INTERVAL_MS });
  const now = updatedAt ?? new Date();

  if (isLoading) {
    return (
      <Flex direction="column" gap="4">
        <Skeleton width="60%" height={28} />
        <Skeleton width="100%" height={320} />
      </Flex>
    );
  }
  const health =
    value &&
    eventTypeHealth(value.row, {
      bucketSeconds: value.status.bucketSeconds,
      now,
    });
  const answer =
    value &&
    health &&
    describeDelivery(days.page?.last24h, health, value.status.bucketSeconds);

  return (
    <Flex direction="column" gap="6">
      {error && (
        <ProblemPanel
          what={
            isNotFound(error)
              ? 'Delivery does not know this event type yet.'
              : 'How it is delivered could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {value && health && answer && (
        <>
          <div>
            <Text as="p" color="secondary">
              Does all of it arrive, and in time?
            </Text>
            <Text as="h2" variant="title-small" weight="bold">
              {answer.sentence}
            </Text>
            {answer.sentence !== health.sentence && (
              <Text as="p">
                <StatusBadge status={health.status}>{health.word}</StatusBadge>{' '}
                {health.sentence}
              </Text>
            )}
            <BeforeTheLedger row={value.row} now={now} />
          </div>
          <ConditionsList conditions={value.row.conditions} />
          <PartitionStrip
            label={`Recent partitions of ${name}`}
            partitions={value.row.recent}
            objectiveMs={value.row.objectiveMs}
            getHref={({ bucketStart }) =>
              partitionHref(entityHref, bucketStart)
            }
          />
          <Partitions
            name={name}
            bucketSeconds={value.status.bucketSeconds}
            days={days}
            now={now}
          />
          <RefusedEvents name={name} />
        </>
      )}
      {value && opened !== null && (
        <PartitionPanel
          key={`${opened} ${revision}`}
          name={name}
          owner={value.row.owner}
          objectiveMs={value.row.objectiveMs}
          bucketStart={opened}
          revision={revision}
          actions={subject =>
            // A repair starts from the revision that readers see.
            revision === undefined &&
            subject.revision !== undefined && (
              <RevisePartition
                eventType={subject.eventType}
                bucketStart={subject.bucketStart}
                revision={subject.revision}
              />
            )
          }
          onClose={() =>
            setSearch(current => {
              const next = new URLSearchParams(current);
              next.delete(PARTITION_PARAM);
              next.delete(REVISION_PARAM);
              return next;
            })
          }
        />
      )}
    </Flex>
  );
}
