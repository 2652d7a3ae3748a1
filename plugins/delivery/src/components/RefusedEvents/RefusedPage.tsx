import { useRouteRef } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { RequirePermission } from '@backstage/plugin-permission-react';
import { ButtonLink, Skeleton, Text } from '@backstage/ui';
import {
  DeniedState,
  EmptyState,
  NumericCell,
  PageFrame,
  PlainTable,
  ProblemPanel,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import {
  type RefusedEvents,
  refusedEventsReadPermission,
} from '@millrace/plugin-delivery-common';
import { RiCheckDoubleLine } from '@remixicon/react';
import { type ReactNode, useState } from 'react';
import { rootRouteRef } from '../../routes';
import { describeRefused } from './describeRefused';
import { describeReason } from './reasons';
import { RefusedFilters } from './RefusedFilters';
import { RefusedList } from './RefusedList';
import { useRefused } from './useRefused';
import { useRefusedFilter } from './useRefusedFilter';
import styles from './RefusedEvents.module.css';

/** No data endpoint has this name: only an unconditional permission covers it. */
const ALL_DATA_ENDPOINTS = '*';

const REASON_COLUMNS = [
  { id: 'reason', label: 'Why' },
  { id: 'field', label: 'Field' },
  { id: 'count', label: 'Events', isNumeric: true },
];

/** Which events were refused, of any type and of types nobody registered? */
export function RefusedPage() {
  return (
    <RequirePermission
      permission={refusedEventsReadPermission}
      resourceRef={ALL_DATA_ENDPOINTS}
      errorPage={
        <RefusedFrame>
          <DeniedState
            title="You may not see the refused events of all types"
            description="They are for the platform team. Those of an event type you own are on the Delivery tab of its page."
          />
        </RefusedFrame>
      }
    >
      <AllRefusedEvents />
    </RequirePermission>
  );
}

function RefusedFrame(props: { answer?: string; children: ReactNode }) {
  const overviewLink = useRouteRef(rootRouteRef);
  return (
    <PageFrame
      title="Refused events"
      question="Which events were refused, and why?"
      answer={props.answer}
      actions={
        overviewLink && (
          <ButtonLink href={overviewLink()} variant="tertiary">
            Delivery of all event types
          </ButtonLink>
        )
      }
    >
      {props.children}
    </PageFrame>
  );
}

function ReasonsTable({ byReason }: Pick<RefusedEvents, 'byReason'>) {
  return (
    <PlainTable
      caption="By reason and field"
      isCaptionVisible
      columns={REASON_COLUMNS}
    >
      {byReason.map(({ reason, pointer, count }) => (
        <tr key={`${reason} ${pointer}`}>
          <th scope="row">
            {describeReason(reason)}{' '}
            <code className={styles.code}>{reason}</code>
          </th>
          <td className={styles.code}>{pointer}</td>
          <NumericCell>{formatCount(count)}</NumericCell>
        </tr>
      ))}
    </PlainTable>
  );
}

function AllRefusedEvents() {
  const filterState = useRefusedFilter();
  const { filter, isNarrowed } = filterState;
  const state = useRefused(undefined, filter);
  const { value, error, isLoading, reload } = state;
  const [opened, setOpened] = useState<string>();
  const entityHref = useEntityRefLink();
  const isEmpty = value?.items.length === 0;
  return (
    <RefusedFrame answer={value && describeRefused(value, filter.range)}>
      {isLoading && <Skeleton width="100%" height={240} />}
      {error && (
        <ProblemPanel
          what="The refused events could not be loaded."
          error={error}
          onRetry={reload}
        />
      )}
      {value && (
        <RefusedFilters state={filterState} byReason={value.byReason} />
      )}
      {isEmpty &&
        (isNarrowed ? (
          <Text as="p" color="secondary">
            No refused event fits these filters.
          </Text>
        ) : (
          <EmptyState
            icon={<RiCheckDoubleLine size={32} />}
            title="Nothing was refused"
            description="Every event that is refused is kept and shown here within seconds, with a reason code and a pointer to the offending field."
          />
        ))}
      {value && !isEmpty && <ReasonsTable byReason={value.byReason} />}
      <RefusedList
        state={state}
        opened={opened}
        onOpen={setOpened}
        typeHref={({ eventType }) =>
          eventType === undefined
            ? undefined
            : `${entityHref(`eventtype:default/${eventType}`)}/delivery`
        }
      />
    </RefusedFrame>
  );
}
