import { useApi } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { RequirePermission } from '@backstage/plugin-permission-react';
import { Button, Flex, Skeleton, Text } from '@backstage/ui';
import {
  DeniedState,
  EntityLink,
  PlainTable,
  ProblemPanel,
  formatCount,
  isDenied,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { partitionRowsReadPermission } from '@millrace/plugin-delivery-common';
import { useCallback, useState } from 'react';
import { deliveryApiRef } from '../../api';
import { CellValue } from './CellValue';
import styles from './PartitionPanel.module.css';

const PAGE_SIZE = 50;
/** Rows of a sealed partition never change; only the permission may. */
const REFRESH_INTERVAL_MS = 600_000;

interface PartitionRowsProps {
  name: string;
  owner?: string;
  bucketStart: string;
  revision: number;
  delivered: number;
}

/** The rows of a sealed partition, for those who may read them. */
export function PartitionRows(props: PartitionRowsProps) {
  return (
    <RequirePermission
      permission={partitionRowsReadPermission}
      resourceRef={props.name}
      errorPage={<RowsDenied owner={props.owner} />}
    >
      <PagedRows {...props} />
    </RequirePermission>
  );
}

function RowsDenied(props: { owner?: string }) {
  const { owner } = props;
  const entityLink = useEntityRefLink();
  return (
    <DeniedState
      title="You may not read the rows"
      description={
        <>
          Counts, files and lateness are open to everybody; the content of
          events is not. Who owns the event type may read it
          {owner && (
            <>
              : <EntityLink entityRef={owner} href={entityLink(owner)} />
            </>
          )}
          .
        </>
      }
    />
  );
}

/** A page at a time. */
function PagedRows(props: PartitionRowsProps) {
  const { name, owner, bucketStart, revision, delivered } = props;
  const api = useApi(deliveryApiRef);
  const [offset, setOffset] = useState(0);
  const load = useCallback(
    (signal: AbortSignal) =>
      api.listRows(
        name,
        bucketStart,
        { revision, limit: PAGE_SIZE, offset },
        { signal },
      ),
    [api, name, bucketStart, revision, offset],
  );
  const { value, error, isLoading, reload } = usePolling(load, {
    intervalMs: REFRESH_INTERVAL_MS,
  });
  const total = value?.total ?? delivered;

  if (isDenied(error)) {
    return <RowsDenied owner={owner} />;
  }
  if (delivered === 0) {
    return null;
  }
  return (
    <section aria-label="Rows">
      <Flex direction="column" gap="3">
        <Flex align="center" justify="between">
          <Text as="h3" variant="title-x-small" weight="bold">
            Rows {formatCount(offset + 1)}–
            {formatCount(Math.min(offset + PAGE_SIZE, total))} of{' '}
            {formatCount(total)}
          </Text>
          <Flex gap="2">
            <Button
              variant="secondary"
              isDisabled={offset === 0}
              onPress={() => setOffset(Math.max(0, offset - PAGE_SIZE))}
            >
              Previous rows
            </Button>
            <Button
              variant="secondary"
              isDisabled={offset + PAGE_SIZE >= total}
              onPress={() => setOffset(offset + PAGE_SIZE)}
            >
              Next rows
            </Button>
          </Flex>
        </Flex>
        {isLoading && <Skeleton width="100%" height={240} />}
        {error && (
          <ProblemPanel
            what="The rows could not be read."
            error={error}
            onRetry={reload}
          />
        )}
        {value && (
          <PlainTable
            caption="Rows of the partition"
            columns={value.columns.map(({ name: column, type }) => ({
              id: column,
              label: column,
              title: type,
            }))}
          >
            {value.rows.map((row, index) => (
              <tr key={value.offset + index} className={styles.row}>
                {row.map((cell, at) => (
                  <td key={value.columns[at].name}>
                    <CellValue value={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </PlainTable>
        )}
      </Flex>
    </section>
  );
}
