import {
  CopyText,
  NumericCell,
  PlainTable,
  RelativeTime,
  formatCount,
  formatUtcDateTime,
  shortRef,
} from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';
import type { ReactNode } from 'react';
import styles from './WriteKeys.module.css';

const GATEWAY_COLUMNS = [
  { id: 'gateway', label: 'Gateway' },
  { id: 'lastUsed', label: 'Last used' },
  { id: 'requests', label: 'Requests', isNumeric: true },
  { id: 'events', label: 'Events', isNumeric: true },
  {
    id: 'refused',
    label: 'Refused requests',
    title: 'Over a limit, or after the key had expired',
    isNumeric: true,
  },
];

function factsOf(
  key: WriteKey,
  predecessor: WriteKey | undefined,
): [string, ReactNode][] {
  const { eventTypes, eventsPerSecond, expiresAt, revokedAt } = key;
  const facts: [string, ReactNode | undefined][] = [
    ['Producer', key.producer ?? 'not said'],
    [
      'Used',
      key.kind === 'browser' ? 'in browsers: it is public' : 'on servers',
    ],
    ['May send', eventTypes ? eventTypes.join(', ') : 'all event types'],
    [
      'Limit',
      eventsPerSecond
        ? `${formatCount(eventsPerSecond)} events a second`
        : `the limit of the gateways for ${key.kind} keys`,
    ],
    ['Owner', shortRef(key.owner)],
    [
      'Created',
      `${formatUtcDateTime(key.createdAt)} by ${shortRef(key.createdBy)}`,
    ],
    ['Ends', expiresAt && formatUtcDateTime(expiresAt)],
    ['Revoked', revokedAt && formatUtcDateTime(revokedAt)],
    [
      'Replaces',
      key.replaces && (
        <>
          {predecessor && `${predecessor.name}, `}
          <code className={styles.code}>{key.replaces}</code>
        </>
      ),
    ],
    ['Key id', <CopyText text={key.keyId} what="key id" />],
  ];
  return facts.filter(([, value]) => value !== undefined);
}

/** What a write key is, and what each gateway has seen of it. */
export function KeyFacts(props: {
  writeKey: WriteKey;
  predecessor?: WriteKey;
  now: Date;
}) {
  const { writeKey, predecessor, now } = props;
  return (
    <>
      <dl className={styles.facts}>
        {factsOf(writeKey, predecessor).flatMap(([name, value]) => [
          <dt key={`${name} name`}>{name}</dt>,
          <dd key={name}>{value}</dd>,
        ])}
      </dl>
      {writeKey.use.gateways.length > 0 && (
        <PlainTable
          caption="What each gateway has seen of it"
          isCaptionVisible
          columns={GATEWAY_COLUMNS}
        >
          {writeKey.use.gateways.map(use => (
            <tr key={use.gateway}>
              <th scope="row">{use.gateway}</th>
              <td>
                <RelativeTime iso={use.lastUsedAt} now={now} />
              </td>
              <NumericCell>{formatCount(use.requests)}</NumericCell>
              <NumericCell>{formatCount(use.events)}</NumericCell>
              <NumericCell>{formatCount(use.refusedRequests)}</NumericCell>
            </tr>
          ))}
        </PlainTable>
      )}
    </>
  );
}
