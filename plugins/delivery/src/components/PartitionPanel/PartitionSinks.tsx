import { Text } from '@backstage/ui';
import {
  PlainTable,
  type Status,
  StatusBadge,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { PartitionSinkLoad } from '@millrace/plugin-delivery-common';

const COLUMNS = [
  { id: 'sink', label: 'Sink' },
  { id: 'state', label: 'State' },
  { id: 'detail', label: 'What is known' },
];

const STATUS: Record<PartitionSinkLoad['state'], Status> = {
  pending: 'waiting',
  loading: 'waiting',
  loaded: 'good',
  failed: 'bad',
  superseded: 'waiting',
};

/** How far the revision has come on its way beside the lake. */
export function PartitionSinks(props: { sinks?: PartitionSinkLoad[] }) {
  const { sinks } = props;
  if (!sinks || sinks.length === 0) {
    return null;
  }
  return (
    <section aria-label="Sinks">
      <Text as="h3" variant="title-x-small" weight="bold">
        Sinks
      </Text>
      <PlainTable caption="Loads into sinks" columns={COLUMNS}>
        {sinks.map(load => (
          <tr key={load.sink}>
            <th scope="row">{load.sink}</th>
            <td>
              <StatusBadge status={STATUS[load.state]}>
                {load.state}
              </StatusBadge>
            </td>
            <td>
              {[
                load.rows !== undefined && formatCountOf(load.rows, 'row'),
                load.loadedAt && `at ${formatUtcDateTime(load.loadedAt)}`,
                load.message,
                load.nextTryAt &&
                  `tried again ${formatUtcDateTime(load.nextTryAt)}`,
              ]
                .filter(Boolean)
                .join('; ')}
            </td>
          </tr>
        ))}
      </PlainTable>
    </section>
  );
}
