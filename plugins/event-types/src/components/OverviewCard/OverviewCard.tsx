import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  Alert,
  Card,
  CardBody,
  CardHeader,
  Link,
  Skeleton,
  Text,
} from '@backstage/ui';
import {
  EntityLink,
  ProblemPanel,
  TierBadge,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import {
  type EventType,
  dataEndpointEntityRef,
} from '@millrace/plugin-event-types-common';
import type { ReactNode } from 'react';
import { useEventType } from '../../hooks';
import { WithdrawalPanel } from '../WithdrawDialog';
import { locationHref } from './locationHref';
import styles from './OverviewCard.module.css';

function Fact(props: { label: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Facts({ eventType }: { eventType: EventType }) {
  const { name, owner, tier, version, fields, origin, updatedAt, location } =
    eventType;
  const entityLink = useEntityRefLink();
  const endpoint = dataEndpointEntityRef(name);
  const href = location && locationHref(location);
  const required = fields.filter(field => field.required).length;
  return (
    <dl className={styles.facts}>
      <Fact label="Owner">
        <EntityLink entityRef={owner} href={entityLink(owner)} />
      </Fact>
      <Fact label="Tier">
        <TierBadge tier={tier} />
      </Fact>
      <Fact label="Schema">
        version {version}, {formatCountOf(fields.length, 'field')} ({required}{' '}
        required)
      </Fact>
      <Fact label="Delivers to">
        <EntityLink entityRef={endpoint} href={entityLink(endpoint)} />
      </Fact>
      <Fact label="Declared">
        {origin === 'catalog' ? 'as YAML beside the code' : 'in the portal'}
      </Fact>
      <Fact label="Changed">
        <time dateTime={updatedAt}>{formatUtcDateTime(updatedAt)}</time>
      </Fact>
      {location && (
        <Fact label="Location">
          <span className={styles.location}>
            {href ? (
              <Link href={href} target="_blank" rel="noopener noreferrer">
                {location}
              </Link>
            ) : (
              location
            )}
          </span>
        </Fact>
      )}
    </dl>
  );
}

/** What an event type is: whose, how urgent, which version, where it goes. */
export function OverviewCard() {
  const { entity } = useEntity();
  const { value, error, isLoading, reload } = useEventType(
    entity.metadata.name,
  );
  return (
    <Card>
      <CardHeader>
        <Text as="h2" variant="title-x-small" weight="bold">
          Event type
        </Text>
      </CardHeader>
      <CardBody>
        {isLoading && <Skeleton width="100%" height={96} />}
        {error && !value && (
          <ProblemPanel
            what="The event type could not be loaded."
            error={error}
            onRetry={reload}
          />
        )}
        {value && <Facts eventType={value} />}
        {value?.retiredAt ? (
          <Alert
            mt="4"
            status="danger"
            icon
            title={`Retired since ${formatUtcDateTime(value.retiredAt)}`}
            description="Gateways refuse its events. Its partitions stay as they are."
          />
        ) : (
          value?.deprecation && (
            <Alert
              mt="4"
              status="warning"
              icon
              title={`Deprecated: ${value.deprecation.message}`}
              description={
                value.deprecation.successor &&
                `Send ${value.deprecation.successor} instead.`
              }
            />
          )
        )}
        {value?.orphanedAt && (
          <Alert
            mt="4"
            status="warning"
            icon
            title={`Orphaned since ${formatUtcDateTime(value.orphanedAt)}`}
            description="The file that declares it is gone from the catalog. Events are taken and delivered as before. Bring the file back, or change the event type in the portal to take it over."
          />
        )}
        {value?.declarationProblems?.length ? (
          <Alert
            mt="4"
            status="warning"
            icon
            title="The newest declaration was refused; the one before it stays in force"
            description={
              <ul className={styles.problems}>
                {value.declarationProblems.map(({ pointer, message }) => (
                  <li key={`${pointer} ${message}`}>
                    {pointer && <code>{pointer}</code>} {message}
                  </li>
                ))}
              </ul>
            }
          />
        ) : null}
        {value && <WithdrawalPanel eventType={value} onChanged={reload} />}
      </CardBody>
    </Card>
  );
}
