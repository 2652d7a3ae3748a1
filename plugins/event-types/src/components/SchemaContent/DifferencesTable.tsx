import { CodeSnippet } from '@backstage/core-components';
import { PlainTable, StatusBadge } from '@millrace/plugin-data-platform-react';
import type { VersionDifference } from '@millrace/plugin-event-types-common';
import styles from './SchemaContent.module.css';

const COLUMNS = [
  { id: 'field', label: 'Field' },
  { id: 'change', label: 'What changes' },
  { id: 'old', label: 'Was' },
  { id: 'new', label: 'Is' },
  { id: 'verdict', label: 'Verdict' },
];

/** What differs, one row each, the breaking ones with why and what to do. */
export function DifferencesTable(props: {
  caption: string;
  differences: VersionDifference[];
  /** Whether the rows say which earlier version they are about. */
  hasVersions?: boolean;
}) {
  const { caption, differences, hasVersions } = props;
  return (
    <PlainTable caption={caption} isCaptionVisible columns={COLUMNS}>
      {differences.map(difference => {
        const { code, path, pointer, version, isBreaking } = difference;
        return (
          <tr key={`${version} ${code} ${pointer} ${difference.message}`}>
            <th scope="row" className={styles.path}>
              {path || 'the event'}
            </th>
            <td>
              {difference.message}
              {hasVersions && ` since version ${version}`}
              {isBreaking && (
                <div className={styles.reason}>
                  {difference.reason}. {difference.advice}.
                </div>
              )}
              {difference.example !== undefined && (
                <details>
                  <summary>An event that would not read</summary>
                  <CodeSnippet
                    language="json"
                    text={JSON.stringify(difference.example, undefined, 2)}
                  />
                </details>
              )}
            </td>
            <td className={styles.words}>{difference.old}</td>
            <td className={styles.words}>{difference.new}</td>
            <td>
              <StatusBadge status={isBreaking ? 'bad' : 'good'}>
                {isBreaking ? 'breaks' : 'safe'}
              </StatusBadge>
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}
