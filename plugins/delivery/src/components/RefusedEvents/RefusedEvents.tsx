import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Flex, Skeleton, Text } from '@backstage/ui';
import {
  DeniedState,
  ProblemPanel,
  formatCount,
  isDenied,
} from '@millrace/plugin-data-platform-react';
import {
  type RefusedGroup,
  type RefusedGroups,
  type ReplaySelection,
  refusedEventsReplayPermission,
} from '@millrace/plugin-delivery-common';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import {
  FixAndReplayDialog,
  REPLAY_PARAM,
  ReplayPanel,
  Replays,
} from '../Replay';
import { describeGroups } from './describeRefused';
import { RefusedFilters } from './RefusedFilters';
import { RefusedGroupsTable } from './RefusedGroupsTable';
import { RefusedList } from './RefusedList';
import { useRefused, useRefusedGroups } from './useRefused';
import { type RefusedFilter, useRefusedFilter } from './useRefusedFilter';

const REFUSAL_PARAM = 'refusal';

/** What is about to be fixed: which events, and what is wrong with them. */
interface FixSubject {
  selection: ReplaySelection;
  reason?: string;
  field?: string;
}

/** A filter as a replay understands it; none where it can not say the same. */
function selectionOf(
  filter: RefusedFilter,
  groups: RefusedGroups | undefined,
): ReplaySelection | undefined {
  const { reason, field, writeKeyId, eventId, replayState, from, to } = filter;
  if (eventId || replayState || from || to || !groups) {
    return undefined;
  }
  return { reason, pointer: field, writeKeyId, since: groups.since };
}

/** The refused events of one type: found, understood, fixed and sent again. */
export function RefusedEvents(props: { name: string }) {
  const { name } = props;
  const { entity } = useEntity();
  const entityHref = useEntityRefLink()(stringifyEntityRef(entity));
  const [search, setSearch] = useSearchParams();
  const filterState = useRefusedFilter();
  const { filter, isNarrowed, change } = filterState;
  const groupsState = useRefusedGroups(name, filter.range);
  const { value: groups, error, updatedAt, isLoading, reload } = groupsState;
  const [subject, setSubject] = useState<FixSubject>();
  const { allowed: mayReplay } = usePermission({
    permission: refusedEventsReplayPermission,
    resourceRef: name,
  });
  const listRef = useRef<HTMLDivElement>(null);
  const now = updatedAt ?? new Date();
  const isFull = groups?.detail === 'full';
  const openedReplay = search.get(REPLAY_PARAM);
  const sectionRef = useRef<HTMLElement>(null);

  useEffect(() => {
    // A link to a stretch of time leads here from further up on the page.
    if (filter.from) {
      sectionRef.current?.scrollIntoView?.();
      listRef.current?.focus();
    }
  }, [filter.from, filter.to]);

  const set = (param: string, value: string | undefined) =>
    setSearch(current => {
      const next = new URLSearchParams(current);
      if (value === undefined) {
        next.delete(param);
      } else {
        next.set(param, value);
      }
      return next;
    });
  const fixGroup = ({ reason, field }: RefusedGroup) =>
    setSubject({
      selection: { reason, pointer: field, since: groups?.since },
      reason,
      field,
    });
  const showGroup = ({ reason, field }: RefusedGroup) => {
    change({ reason, field });
    listRef.current?.focus();
  };

  return (
    <section ref={sectionRef} aria-label="Refused events" id="refused">
      <Flex direction="column" gap="4">
        <div>
          <Text as="h3" variant="title-x-small" weight="bold">
            Refused events
          </Text>
          {groups && (
            <Text as="p" variant="body-large">
              {describeGroups(groups, filter.range, now)}.
            </Text>
          )}
        </div>
        {isLoading && <Skeleton width="100%" height={120} />}
        {error && !isDenied(error) && (
          <ProblemPanel
            what={
              groups
                ? 'The refused events could not be refreshed; this is what was known.'
                : 'The refused events could not be loaded.'
            }
            error={error}
            onRetry={reload}
          />
        )}
        {groups && groups.items.length > 0 && (
          <RefusedGroupsTable
            groups={groups}
            filter={filter}
            now={now}
            onShow={isFull ? showGroup : undefined}
            onFix={isFull && mayReplay ? fixGroup : undefined}
          />
        )}
        {((groups && !isFull) || isDenied(error)) && (
          <DeniedState
            title="You may not see the refused events"
            description="How many there are and why is open to everybody; which ones is for the owner of the event type and the platform team."
          />
        )}
        {isFull && (
          <>
            <RefusedFilters state={filterState} groups={groups} />
            <div ref={listRef} tabIndex={-1}>
              <EventsOf
                // A selection belongs to what was shown when it was made.
                key={JSON.stringify(filter)}
                name={name}
                filter={filter}
                isNarrowed={isNarrowed}
                groups={groups}
                opened={search.get(REFUSAL_PARAM) ?? undefined}
                onOpen={refusalId => set(REFUSAL_PARAM, refusalId)}
                onFix={mayReplay ? setSubject : undefined}
                replayHref={replayId => replayHref(search, replayId)}
              />
            </div>
            <Replays
              name={name}
              hrefOf={replayId => replayHref(search, replayId)}
            />
          </>
        )}
      </Flex>
      {subject && (
        <FixAndReplayDialog
          name={name}
          {...subject}
          onStarted={({ replayId }) => {
            setSubject(undefined);
            set(REPLAY_PARAM, replayId);
          }}
          onClose={() => setSubject(undefined)}
        />
      )}
      {openedReplay !== null && (
        <ReplayPanel
          key={openedReplay}
          name={name}
          replayId={openedReplay}
          entityHref={entityHref}
          onClose={() => set(REPLAY_PARAM, undefined)}
        />
      )}
    </section>
  );
}

function replayHref(search: URLSearchParams, replayId: string): string {
  const next = new URLSearchParams(search);
  next.set(REPLAY_PARAM, replayId);
  return `?${next}`;
}

/** The list below the groups, with what can be done with what is in it. */
function EventsOf(props: {
  name: string;
  filter: RefusedFilter;
  isNarrowed: boolean;
  groups?: RefusedGroups;
  opened: string | undefined;
  onOpen: (refusalId: string | undefined) => void;
  onFix?: (subject: FixSubject) => void;
  replayHref: (replayId: string) => string;
}) {
  const { name, filter, isNarrowed, groups, onFix } = props;
  const state = useRefused(name, filter);
  const { value, error, isLoading, reload } = state;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const selection = selectionOf(filter, groups);
  const { reason, field } = filter;
  const barRef = useRef<HTMLDivElement>(null);

  useEffect(() => {
    // After "Clear" its button is gone; the focus stays in the bar.
    if (selected.size === 0 && document.activeElement === document.body) {
      barRef.current?.focus();
    }
  }, [selected]);

  return (
    <Flex direction="column" gap="3">
      {isLoading && <Skeleton width="100%" height={160} />}
      {error && (
        <ProblemPanel
          what="The refused events could not be listed."
          error={error}
          onRetry={reload}
        />
      )}
      {value?.items.length === 0 && isNarrowed && (
        <Text as="p" color="secondary">
          No refused event fits these filters.
        </Text>
      )}
      {value && value.items.length > 0 && onFix && (
        <div
          ref={barRef}
          tabIndex={-1}
          role="group"
          aria-label="Fix and replay what is shown"
        >
          <Flex align="center" gap="3">
            {selected.size > 0 ? (
              <>
                <Button
                  variant="primary"
                  onPress={() =>
                    onFix({
                      selection: { refusalIds: [...selected] },
                      reason,
                      field,
                    })
                  }
                >
                  {`Fix and replay ${formatCount(selected.size)} selected`}
                </Button>
                <Button
                  variant="tertiary"
                  onPress={() => setSelected(new Set())}
                >
                  Clear the selection
                </Button>
              </>
            ) : (
              selection && (
                <Button
                  variant="secondary"
                  onPress={() => onFix({ selection, reason, field })}
                >
                  {`Fix and replay all ${formatCount(value.total)} shown here`}
                </Button>
              )
            )}
          </Flex>
        </div>
      )}
      <RefusedList
        name={name}
        state={state}
        groups={groups}
        opened={props.opened}
        onOpen={props.onOpen}
        selection={onFix && { refusalIds: selected, onChange: setSelected }}
        replayHref={props.replayHref}
      />
    </Flex>
  );
}
