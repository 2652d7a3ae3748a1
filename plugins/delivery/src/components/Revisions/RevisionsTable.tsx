import { Link } from '@backstage/ui';
import {
  PlainTable,
  StatusBadge,
  formatCount,
  formatCountOf,
  formatUtcDateTime,
  shortRef,
} from '@millrace/plugin-data-platform-react';
import type { RevisionSummary } from '@millrace/plugin-delivery-common';
import { REVISION_KIND, REVISION_STATE } from './describeRevision';
import styles from './Revisions.module.css';

const COLUMNS = [
  { id: 'when', label: 'Asked for' },
  { id: 'what', label: 'What' },
  { id: 'state', label: 'State' },
  { id: 'who', label: 'By' },
  { id: 'why', label: 'Why' },
];

function progressOf({ progress }: RevisionSummary): string {
  return progress
    ? ` ${progress.step}, ${formatCount(progress.done)} of ${formatCount(
        progress.total,
      )}`
    : '';
}

/** Repairs, newest first: those that are open, and those that ended lately. */
export function RevisionsTable(props: {
  revisions: RevisionSummary[];
  hrefOf: (operation: RevisionSummary) => string;
}) {
  const { revisions, hrefOf } = props;
  return (
    <PlainTable caption="Repairs, newest first" columns={COLUMNS}>
      {revisions.map(operation => {
        const { operationId, state, kind, approvedBy, problem } = operation;
        return (
          <tr key={operationId}>
            <th scope="row">
              <Link href={hrefOf(operation)}>
                {formatUtcDateTime(operation.requestedAt)}
              </Link>
            </th>
            <td>
              {REVISION_KIND[kind].verb}{' '}
              {formatCountOf(operation.buckets, 'partition')} of{' '}
              {operation.eventType}, from{' '}
              {formatUtcDateTime(operation.firstBucket)}
            </td>
            <td>
              <StatusBadge status={REVISION_STATE[state].status}>
                {REVISION_STATE[state].word}
              </StatusBadge>
              {progressOf(operation)}
            </td>
            <td>
              {shortRef(operation.requestedBy)}
              {approvedBy &&
                approvedBy !== operation.requestedBy &&
                `, decided by ${shortRef(approvedBy)}`}
            </td>
            <td className={styles.prose}>
              {problem ? problem.message : operation.reason}
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}
