import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Flex, Skeleton, Text } from '@backstage/ui';
import {
  CountsText,
  PartitionStrip,
  ProblemPanel,
  formatAge,
  formatCountOf,
  isNotFound,
} from '@millrace/plugin-data-platform-react';
import type { DeliveryOverviewRow } from '@millrace/plugin-delivery-common';
import { useSearchParams } from 'react-router-dom';
import { eventTypeHealth } from '../../health';
import { useEventTypeDelivery } from '../../hooks';
import { ConditionsList } from '../ConditionsCard';
import { PartitionPanel } from '../PartitionPanel';
import { PARTITION_PARAM, Partitions, partitionHref } from '../Partitions';
import { RefusedEvents } from '../RefusedEvents';

function Last24Hours(props: { row: DeliveryOverviewRow; now: Date }) {
  const { row, now } = props;
  const { last24h, inFlight, lastReceivedAt } = row;
  const settled =
    last24h.delivered + last24h.duplicates + last24h.refusedAtSealing;
  // Sealed and staged events are counted at slightly different moments: the sum
  // is shown only where it closes.
  const isClosed =
    settled === last24h.accepted || settled + inFlight === last24h.accepted;
  return (
    <Text as="p">
      Last 24 hours:{' '}
      {isClosed ? (
        <CountsText
          counts={{
            accepted: settled,
            delivered: last24h.delivered,
            duplicates: last24h.duplicates,
            refused: last24h.refusedAtSealing,
          }}
        />
      ) : (
        `${formatCountOf(last24h.accepted, 'event')} accepted, ${formatCountOf(
          last24h.delivered,
          'event',
        )} delivered`
      )}
      {inFlight > 0 && ` and ${formatCountOf(inFlight, 'event')} in flight`}
      {'; '}
      {last24h.refusedAtGateway > 0 ? (
        <a href="#refused">
          {formatCountOf(last24h.refusedAtGateway, 'event')} refused
        </a>
      ) : (
        'no event refused'
      )}
      {' at the gateway. '}
      {lastReceivedAt
        ? `Last event ${formatAge(lastReceivedAt, now)}.`
        : 'No event yet.'}
    </Text>
  );
}

/** How is this event type delivered? */
export function DeliveryContent() {
  const { entity } = useEntity();
  const { name } = entity.metadata;
  const entityHref = useEntityRefLink()(stringifyEntityRef(entity));
  const [search, setSearch] = useSearchParams();
  const opened = search.get(PARTITION_PARAM);
  const { value, error, updatedAt, isLoading, reload } =
    useEventTypeDelivery(name);
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
      {value && health && (
        <>
          <div>
            <Text as="h2" variant="title-small" weight="bold">
              {health.sentence}
            </Text>
            <Last24Hours row={value.row} now={now} />
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
            entityHref={entityHref}
            objectiveMs={value.row.objectiveMs}
          />
          <RefusedEvents name={name} />
        </>
      )}
      {opened !== null && (
        <PartitionPanel
          key={opened}
          name={name}
          owner={value?.row.owner}
          bucketStart={opened}
          onClose={() =>
            setSearch(current => {
              const next = new URLSearchParams(current);
              next.delete(PARTITION_PARAM);
              return next;
            })
          }
        />
      )}
    </Flex>
  );
}
