import {
  NumericCell,
  PlainTable,
  formatBytes,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type { PartitionDetail } from '@millrace/plugin-delivery-common';
import { Text } from '@backstage/ui';
import styles from './PartitionPanel.module.css';

const COLUMNS = [
  { id: 'name', label: 'File' },
  { id: 'rows', label: 'Rows', isNumeric: true },
  { id: 'bytes', label: 'Size', isNumeric: true },
  { id: 'sha256', label: 'SHA-256' },
];

/** What lies in the lake, with what is needed to check it without Millrace. */
export function PartitionFiles(props: { partition: PartitionDetail }) {
  const { files, manifestPath, manifestSha256, schemaVersion } =
    props.partition;
  if (!files.length && !manifestPath) {
    return null;
  }
  return (
    <section aria-label="Files">
      <Text as="h3" variant="title-x-small" weight="bold">
        Files
      </Text>
      {files.length > 0 && (
        <PlainTable caption="Files of the partition" columns={COLUMNS}>
          {files.map(({ name, rows, bytes, sha256 }) => (
            <tr key={name}>
              <th scope="row" className={styles.code}>
                {name}
              </th>
              <NumericCell>{formatCount(rows)}</NumericCell>
              <NumericCell>{formatBytes(bytes)}</NumericCell>
              <td className={styles.hash}>{sha256}</td>
            </tr>
          ))}
        </PlainTable>
      )}
      {manifestPath && (
        <p className={styles.manifest}>
          Manifest <span className={styles.code}>{manifestPath}</span>
          {manifestSha256 && (
            <>
              , SHA-256 <span className={styles.hash}>{manifestSha256}</span>
            </>
          )}
          {schemaVersion !== undefined && `; schema version ${schemaVersion}`}
        </p>
      )}
    </section>
  );
}
