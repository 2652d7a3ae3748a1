import { Button, SearchField, Select } from '@backstage/ui';
import { formatBucket } from '@millrace/plugin-data-platform-react';
import type {
  RefusedEvents,
  RefusedGroups,
} from '@millrace/plugin-delivery-common';
import { useEffect, useState } from 'react';
import { RANGES, isRangeId } from './ranges';
import { describeReason } from './reasons';
import { REPLAY_STATES, type RefusedFilterState } from './useRefusedFilter';
import styles from './RefusedEvents.module.css';

/** A search asks the backend; it waits until somebody stops typing. */
const SEARCH_DELAY_MS = 300;
const ANY = 'any';

interface Option {
  id: string;
  label: string;
}

/** The options of a filter; what the address bar names is always among them. */
function withAny(label: string, options: Option[], chosen?: string): Option[] {
  const isKnown = !chosen || options.some(({ id }) => id === chosen);
  return [
    { id: ANY, label },
    ...options,
    ...(isKnown ? [] : [{ id: chosen, label: chosen }]),
  ];
}

/** Options by id, each once, in the order of their first appearance. */
function distinct(options: Option[]): Option[] {
  return [...new Map(options.map(option => [option.id, option])).values()];
}

function EventIdSearch(props: { state: RefusedFilterState }) {
  const { filter, change } = props.state;
  const { eventId = '' } = filter;
  const [text, setText] = useState(eventId);

  useEffect(() => setText(eventId), [eventId]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === eventId) {
      return undefined;
    }
    const timer = setTimeout(
      () => change({ eventId: wanted || undefined }),
      SEARCH_DELAY_MS,
    );
    return () => clearTimeout(timer);
    // Only typing starts a search: an address that changed is the search.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text]);

  return (
    <SearchField
      label="Event id"
      placeholder="the whole id"
      value={text}
      onChange={setText}
    />
  );
}

/** Narrows the list of refused events; everything stands in the address bar. */
export function RefusedFilters(props: {
  state: RefusedFilterState;
  groups?: RefusedGroups;
  byReason?: RefusedEvents['byReason'];
}) {
  const { state, groups, byReason } = props;
  const { filter, isNarrowed, change, clear } = state;
  const known = groups?.items ?? byReason ?? [];
  const reasons = distinct(
    known.map(({ reason }) => ({ id: reason, label: describeReason(reason) })),
  );
  const fields = distinct(
    known
      .map(item =>
        'pointer' in item ? item.pointer : Reflect.get(item, 'field'),
      )
      .filter(
        (field): field is string => typeof field === 'string' && field !== '',
      )
      .map(field => ({ id: field, label: field })),
  );
  const keys = distinct(
    (groups?.items ?? []).flatMap(({ writeKeys }) =>
      writeKeys.map(({ keyId, name }) => ({ id: keyId, label: name ?? keyId })),
    ),
  );
  const chosen = (value: unknown) =>
    value === ANY ? undefined : String(value);
  return (
    <div className={styles.filters} role="search" aria-label="Refused events">
      {filter.from && filter.to ? (
        <p className={styles.span}>
          Received {formatBucket(filter.from, filter.to)}
        </p>
      ) : (
        <Select
          label="Received in the"
          options={RANGES}
          value={filter.range}
          onChange={range => isRangeId(range) && change({ range })}
        />
      )}
      <Select
        label="Reason"
        options={withAny('any reason', reasons, filter.reason)}
        value={filter.reason ?? ANY}
        onChange={reason => change({ reason: chosen(reason) })}
      />
      <Select
        label="Field"
        options={withAny('any field', fields, filter.field)}
        value={filter.field ?? ANY}
        onChange={field => change({ field: chosen(field) })}
      />
      {(keys.length > 0 || filter.writeKeyId) && (
        <Select
          label="Write key"
          options={withAny('any write key', keys, filter.writeKeyId)}
          value={filter.writeKeyId ?? ANY}
          onChange={writeKeyId => change({ writeKeyId: chosen(writeKeyId) })}
        />
      )}
      <Select
        label="Replay"
        options={[{ id: ANY, label: 'replayed or not' }, ...REPLAY_STATES]}
        value={filter.replayState ?? ANY}
        onChange={value =>
          change({
            replayState: REPLAY_STATES.find(({ id }) => id === value)?.id,
          })
        }
      />
      <EventIdSearch state={state} />
      {isNarrowed && (
        <Button variant="tertiary" onPress={clear}>
          Clear filters
        </Button>
      )}
    </div>
  );
}
