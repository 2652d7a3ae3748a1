import { Link, Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  StatusBadge,
  formatBytes,
  formatCount,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type {
  PartitionDetail,
  PartitionRevision,
} from '@millrace/plugin-delivery-common';
import styles from './PartitionPanel.module.css';

const COLUMNS = [
  { id: 'revision', label: 'Revision' },
  { id: 'state', label: 'State' },
  { id: 'why', label: 'Why' },
  { id: 'sealed', label: 'Sealed' },
  { id: 'superseded', label: 'Replaced' },
  { id: 'accepted', label: 'Put in', isNumeric: true },
  { id: 'delivered', label: '= Delivered', isNumeric: true },
  { id: 'duplicates', label: '+ Duplicates', isNumeric: true },
  { id: 'refused', label: '+ Refused', isNumeric: true },
  { id: 'size', label: 'Size', isNumeric: true },
];

/** Every revision of the bucket, with its counts beside those of the others. */
export function Revisions(props: {
  partition: PartitionDetail;
  hrefOf: (revision: PartitionRevision) => string;
}) {
  const { partition, hrefOf } = props;
  const { revisions } = partition;
  if (revisions.length < 2) {
    return null;
  }
  return (
    <section aria-label="Revisions">
      <Text as="h3" variant="title-x-small" weight="bold">
        Revisions
      </Text>
      <PlainTable caption="Revisions of the bucket" columns={COLUMNS}>
        {revisions.map((each, index) => {
          const before = revisions[index - 1];
          const isShown = each.revision === partition.revision;
          return (
            <tr
              key={each.revision}
              aria-current={isShown || undefined}
              className={isShown ? styles.shown : undefined}
            >
              <th scope="row">
                {isShown ? (
                  `Revision ${each.revision}`
                ) : (
                  <Link href={hrefOf(each)}>{`Revision ${each.revision}`}</Link>
                )}
              </th>
              <td>
                {each.isLive ? (
                  <StatusBadge status="good">live</StatusBadge>
                ) : (
                  <StatusBadge status="waiting">
                    {each.state === 'sealing' ? 'being made' : 'replaced'}
                  </StatusBadge>
                )}
              </td>
              <td>{each.why ?? 'not known'}</td>
              <td>{each.sealedAt && formatUtcDateTime(each.sealedAt)}</td>
              <td>
                {each.supersededAt && formatUtcDateTime(each.supersededAt)}
              </td>
              {each.state === 'sealed' ? (
                <>
                  <Changed of="accepted" now={each} before={before} />
                  <Changed of="delivered" now={each} before={before} />
                  <Changed of="duplicates" now={each} before={before} />
                  <Changed of="refused" now={each} before={before} />
                  <NumericCell>{formatBytes(each.bytes)}</NumericCell>
                </>
              ) : (
                <td colSpan={5} />
              )}
            </tr>
          );
        })}
      </PlainTable>
    </section>
  );
}

/** A count, and by how much it differs from the revision before. */
function Changed(props: {
  of: 'accepted' | 'delivered' | 'duplicates' | 'refused';
  now: PartitionRevision;
  before?: PartitionRevision;
}) {
  const { of, now, before } = props;
  const change = before ? now[of] - before[of] : 0;
  return (
    <NumericCell>
      {formatCount(now[of])}
      {change !== 0 && (
        <>
          {' '}
          <strong>{`(${change > 0 ? '+' : '−'}${formatCount(
            Math.abs(change),
          )})`}</strong>
        </>
      )}
    </NumericCell>
  );
}
