import { Skeleton, Text } from '@backstage/ui';
import {
  PlainTable,
  ProblemPanel,
  type PollingState,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { EventTypeFootprint } from '@millrace/plugin-event-types-common';
import { describeFootprint } from './describeWithdrawal';

const COLUMNS = [
  { id: 'what', label: 'What' },
  { id: 'there', label: 'There is' },
  { id: 'becomes', label: 'What becomes of it' },
];

const KEY_COLUMNS = [
  { id: 'name', label: 'Write key' },
  { id: 'owner', label: 'Owner' },
  { id: 'used', label: 'Last used' },
];

/** What there is of an event type, and what becomes of it. */
export function Footprint(props: {
  state: PollingState<{ found?: EventTypeFootprint }>;
}) {
  const { value, error, isLoading, reload } = props.state;
  if (isLoading) {
    return <Skeleton width="100%" height={200} />;
  }
  if (error && !value) {
    return (
      <ProblemPanel
        what="What delivery has of it could not be loaded."
        error={error}
        onRetry={reload}
      />
    );
  }
  const found = value?.found;
  if (!found) {
    return <Text as="p">Delivery knows nothing of it.</Text>;
  }
  const { items } = found.producers;
  return (
    <>
      <PlainTable
        caption="What there is, and what becomes of it"
        columns={COLUMNS}
      >
        {describeFootprint(found).map(({ what, there, becomes }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>{there}</td>
            <td>{becomes}</td>
          </tr>
        ))}
      </PlainTable>
      {items.length > 0 && (
        <PlainTable caption="Write keys for it" columns={KEY_COLUMNS}>
          {items.map(({ keyId, name, owner, lastUsedAt }) => (
            <tr key={keyId}>
              <th scope="row">{name}</th>
              <td>{owner}</td>
              <td>
                {lastUsedAt ? formatUtcDateTime(lastUsedAt) : 'never of late'}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </>
  );
}
