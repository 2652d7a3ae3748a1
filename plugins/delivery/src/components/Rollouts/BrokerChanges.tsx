import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import {
  formatUtcDateTime,
  PlainTable,
} from '@millrace/plugin-data-platform-react';
import type {
  BrokerOrphanLine,
  DriftRepairLine,
  RemovalLine,
} from '@millrace/plugin-delivery-common';
import { Section } from '../Operations/Section';

const REMOVAL_COLUMNS = [
  { id: 'type', label: 'Event type' },
  { id: 'step', label: 'Step' },
  { id: 'waiting', label: 'Waits for' },
  { id: 'since', label: 'Begun' },
  { id: 'reason', label: 'Reason' },
];

const REPAIR_COLUMNS = [
  { id: 'name', label: 'Topic or subscription' },
  { id: 'type', label: 'Event type' },
  { id: 'what', label: 'What happened' },
  { id: 'repaired', label: 'Repaired' },
];

const ORPHAN_COLUMNS = [
  { id: 'name', label: 'Name' },
  { id: 'kind', label: 'Kind' },
  { id: 'seen', label: 'Seen since' },
  { id: 'deleted', label: 'Deleted after' },
];

/** Event types that are being taken down, and what holds each up. */
export function Removals({ removals }: { removals: RemovalLine[] }) {
  if (removals.length === 0) {
    return null;
  }
  return (
    <Section
      id="removals"
      title="Being taken down"
      answer="Withdrawn event types whose grace period is over. Their sealed partitions stay."
    >
      <PlainTable
        caption="Event types that are taken down"
        columns={REMOVAL_COLUMNS}
      >
        {removals.map(({ eventType, step, waitingFor, beganAt, reason }) => (
          <tr key={eventType}>
            <th scope="row">{eventType}</th>
            <td>{step}</td>
            <td>
              {waitingFor?.message ?? 'Nothing; it goes on within seconds.'}
            </td>
            <td>
              <time dateTime={beganAt}>{formatUtcDateTime(beganAt)}</time>
            </td>
            <td>{reason}</td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}

/** What somebody changed at the broker by hand. */
export function Repairs({ repairs }: { repairs: DriftRepairLine[] }) {
  const entityLink = useEntityRefLink();
  return (
    <Section
      id="drift"
      title="Changed by hand at the broker"
      answer={
        repairs.length === 0
          ? 'Nobody has changed a topic or subscription behind the portal.'
          : 'What somebody changed behind the portal, and that it was put back.'
      }
    >
      {repairs.length > 0 && (
        <PlainTable caption="Repairs at the broker" columns={REPAIR_COLUMNS}>
          {repairs.map(({ kind, name, eventType, message, repairedAt }) => (
            <tr key={`${kind} ${name} ${repairedAt}`}>
              <th scope="row">{name}</th>
              <td>
                {eventType && (
                  <Link href={entityLink(`eventtype:default/${eventType}`)}>
                    {eventType}
                  </Link>
                )}
              </td>
              <td>{message}</td>
              <td>
                <time dateTime={repairedAt}>
                  {formatUtcDateTime(repairedAt)}
                </time>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Section>
  );
}

/** What belongs to no event type. */
export function Orphans({ orphans }: { orphans: BrokerOrphanLine[] }) {
  return (
    <Section
      id="orphans"
      title="Orphans at the broker"
      answer={
        orphans.length === 0
          ? 'Every topic and subscription of this installation belongs to an event type.'
          : 'They carry the mark of this installation and belong to no event type. A subscription that still holds messages is never deleted.'
      }
    >
      {orphans.length > 0 && (
        <PlainTable caption="Orphans at the broker" columns={ORPHAN_COLUMNS}>
          {orphans.map(({ kind, name, firstSeenAt, deletedAfter }) => (
            <tr key={`${kind} ${name}`}>
              <th scope="row">{name}</th>
              <td>{kind}</td>
              <td>
                <time dateTime={firstSeenAt}>
                  {formatUtcDateTime(firstSeenAt)}
                </time>
              </td>
              <td>
                <time dateTime={deletedAfter}>
                  {formatUtcDateTime(deletedAfter)}
                </time>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Section>
  );
}
