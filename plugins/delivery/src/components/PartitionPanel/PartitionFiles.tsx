import { CopyTextButton } from '@backstage/core-components';
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

function Hash(props: { of: string; value: string }) {
  const { of, value } = props;
  return (
    <span className={styles.copied}>
      <span className={styles.hash}>{value}</span>
      <CopyTextButton
        text={value}
        tooltipText="Copied"
        aria-label={`Copy the SHA-256 of ${of}`}
      />
    </span>
  );
}

/** What lies in the lake, with what is needed to check it without Millrace. */
export function PartitionFiles(props: { partition: PartitionDetail }) {
  const { partition } = props;
  const { files, manifestPath, manifestSha256, schemaVersion } = partition;
  if (!files.length && !manifestPath) {
    return null;
  }
  const signed = `/api/delivery/datasets/${partition.eventType}/partitions/${partition.bucketStart}/manifest?revision=${partition.revision}`;
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
              <td>
                <Hash of={name} value={sha256} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {manifestPath && (
        <div className={styles.manifest}>
          <p>
            Manifest <span className={styles.code}>{manifestPath}</span>
            {schemaVersion !== undefined && `; schema version ${schemaVersion}`}
          </p>
          {manifestSha256 && (
            <p>
              SHA-256 <Hash of="the manifest" value={manifestSha256} />
            </p>
          )}
          <p className={styles.copied}>
            Signed, for who may read the data:{' '}
            <span className={styles.code}>GET {signed}</span>
            <CopyTextButton
              text={signed}
              tooltipText="Copied"
              aria-label="Copy the address of the signed manifest"
            />
          </p>
        </div>
      )}
    </section>
  );
}
