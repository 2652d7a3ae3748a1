import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  ButtonLink,
  Card,
  CardBody,
  CardFooter,
  CardHeader,
  Flex,
  Skeleton,
  Text,
} from '@backstage/ui';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { ProblemPanel, isNotFound } from '@millrace/plugin-data-platform-react';
import { eventTypeHealth } from '../../health';
import { useFirstDelivery } from '../../hooks';
import { ConditionsList } from './ConditionsList';

/** On the overview of an entity: how far delivery has come. */
export function ConditionsCard() {
  const { entity } = useEntity();
  const entityLink = useEntityRefLink();
  const { value, error, updatedAt, isLoading, reload } = useFirstDelivery(
    entity.metadata.name,
  );
  const health =
    value &&
    eventTypeHealth(value.row, {
      bucketSeconds: value.status.bucketSeconds,
      now: updatedAt ?? new Date(),
    });
  return (
    <Card>
      <CardHeader>
        <Text as="h2" variant="title-x-small" weight="bold">
          Delivery
        </Text>
      </CardHeader>
      <CardBody>
        {isLoading && <Skeleton width="100%" height={96} />}
        {error && !value && (
          <ProblemPanel
            what={
              isNotFound(error)
                ? 'Delivery does not know it yet.'
                : 'How it is delivered could not be loaded.'
            }
            error={error}
            onRetry={reload}
          />
        )}
        {value && health && (
          <Flex direction="column" gap="4">
            <Text as="p">{health.sentence}</Text>
            <ConditionsList conditions={value.row.conditions} />
          </Flex>
        )}
      </CardBody>
      <CardFooter>
        <ButtonLink
          variant="secondary"
          href={`${entityLink(stringifyEntityRef(entity))}/delivery`}
        >
          Partitions and refused events
        </ButtonLink>
      </CardFooter>
    </Card>
  );
}
