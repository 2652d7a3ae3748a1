import { useRouteRef } from '@backstage/frontend-plugin-api';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Alert,
  ButtonLink,
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
  type RetentionClass,
  dataEndpointEntityRef,
  eventTypeCreatePermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import type { ReactNode } from 'react';
import { isOfPortal, useDeclarationOptions, useEventType } from '../../hooks';
import { editRouteRef } from '../../routes';
import { FieldsTable } from '../FieldsTable';
import { WithdrawalPanel } from '../WithdrawDialog';
import { locationHref } from './locationHref';
import styles from './OverviewCard.module.css';

/** More are for the Schema tab, where they can be searched. */
const FIELDS_SHOWN = 12;

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
  const { tags = [], system, expectedEventsPerDay } = eventType;
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
      <Fact label="Retention class">
        <Retention id={eventType.retention} />
      </Fact>
      <Fact label="Expected volume">
        {expectedEventsPerDay === undefined
          ? 'Not said'
          : `${formatCountOf(expectedEventsPerDay, 'event')} per day`}
      </Fact>
      {system && (
        <Fact label="System">
          <EntityLink entityRef={system} href={entityLink(system)} />
        </Fact>
      )}
      {tags.length > 0 && <Fact label="Tags">{tags.join(', ')}</Fact>}
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

/**
 * The class in words. Who may not register event types is not told what the
 * classes mean, and sees the id.
 */
function Retention({ id }: { id: string | undefined }) {
  const { allowed } = usePermission({ permission: eventTypeCreatePermission });
  return allowed ? (
    <RetentionWords id={id} />
  ) : (
    <>{id ?? 'the default of the platform'}</>
  );
}

function RetentionWords({ id }: { id: string | undefined }) {
  const { value } = useDeclarationOptions();
  const known: RetentionClass | undefined = value?.retentionClasses?.find(
    each => (id === undefined ? each.isDefault : each.id === id),
  );
  if (!known) {
    return <>{id ?? 'the default of the platform'}</>;
  }
  return (
    <span title={known.description}>
      {known.title} ({formatCountOf(known.keepDays, 'day')})
      {id === undefined && ', the default'}
    </span>
  );
}

/** The first fields, with what they hold about persons. */
function Fields({ eventType }: { eventType: EventType }) {
  const { fields } = eventType;
  const shown = fields.slice(0, FIELDS_SHOWN);
  return (
    <div className={styles.fields}>
      <FieldsTable
        caption={
          shown.length < fields.length
            ? `The first ${shown.length} of ${formatCountOf(
                fields.length,
                'field',
              )}; all of them are on the Schema tab`
            : formatCountOf(fields.length, 'field')
        }
        fields={shown}
      />
    </div>
  );
}

/** Leads to the form, for who may change what is changed here. */
function Edit({ eventType }: { eventType: EventType }) {
  const editLink = useRouteRef(editRouteRef);
  const { allowed } = usePermission({
    permission: eventTypeUpdatePermission,
    resourceRef: eventType.name,
  });
  if (!allowed || eventType.retiredAt || !editLink) {
    return null;
  }
  return isOfPortal(eventType) ? (
    <ButtonLink
      href={editLink({ name: eventType.name })}
      variant="secondary"
      aria-label={`Edit ${eventType.name}`}
    >
      Edit
    </ButtonLink>
  ) : (
    <Text color="secondary" variant="body-small">
      It is changed in its file.
    </Text>
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
        <div className={styles.top}>
          <Text as="h2" variant="title-x-small" weight="bold">
            Event type
          </Text>
          {value && <Edit eventType={value} />}
        </div>
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
        {value && <Fields eventType={value} />}
        {value && <WithdrawalPanel eventType={value} onChanged={reload} />}
      </CardBody>
    </Card>
  );
}
