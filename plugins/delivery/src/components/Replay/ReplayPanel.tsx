import { useApi } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  Dialog,
  DialogBody,
  DialogHeader,
  Flex,
  Link,
  Skeleton,
  Text,
} from '@backstage/ui';
import {
  EmptyState,
  ProblemPanel,
  StatusBadge,
  formatBucket,
  formatUtcDateTime,
  isNotFound,
  shortRef,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type {
  ReplayDetail,
  ReplayEvent,
  ReplayEventState,
} from '@millrace/plugin-delivery-common';
import { useCallback, useRef, useState } from 'react';
import { deliveryApiRef } from '../../api';
import { partitionHref } from '../Partitions';
import {
  REPLAY_STATE,
  describeReplay,
  isFinished,
  progressOf,
} from './describeReplay';
import { describeFix } from './fixDraft';
import { ReplayBooks } from './ReplayBooks';
import { ReplayEvents } from './ReplayEvents';
import styles from './Replay.module.css';

/** The replay whose panel is open, in the address bar. */
export const REPLAY_PARAM = 'replay';

const REFRESH_INTERVAL_MS = 1000;
const PAGE_SIZE = 100;

/** The partitions events landed in, each once, in order. */
function partitionsOf(events: ReplayEvent[]) {
  const landings = events.flatMap(({ landed }) => (landed ? [landed] : []));
  return [
    ...new Map(
      landings.map(landed => [
        `${landed.eventType} ${landed.bucketStart}`,
        landed,
      ]),
    ).values(),
  ].sort((a, b) => a.bucketStart.localeCompare(b.bucketStart));
}

/** A page of a replay and its events, kept fresh until nothing changes. */
function useReplay(
  name: string,
  replayId: string,
  state: ReplayEventState | undefined,
  cursor: string | undefined,
) {
  const api = useApi(deliveryApiRef);
  const finishedRef = useRef<{ key: string; replay: ReplayDetail }>();
  const key = JSON.stringify([replayId, state, cursor]);
  const load = useCallback(
    async (signal: AbortSignal) => {
      // Proven or given up: it is history, and history is read once.
      if (finishedRef.current?.key === key) {
        return finishedRef.current.replay;
      }
      const replay = await api.getReplay(
        name,
        replayId,
        { state, cursor, limit: PAGE_SIZE },
        { signal },
      );
      if (isFinished(replay)) {
        finishedRef.current = { key, replay };
      }
      return replay;
    },
    [api, name, replayId, state, cursor, key],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}

/** How far a replay is, and the proof of where each of its events lies. */
export function ReplayPanel(props: {
  name: string;
  /** As in the address bar; anything may stand there. */
  replayId: string;
  entityHref: string;
  onClose: () => void;
}) {
  const { name, replayId, entityHref, onClose } = props;
  const entityLink = useEntityRefLink();
  const [state, setState] = useState<ReplayEventState>();
  const [cursors, setCursors] = useState<string[]>([]);
  const {
    value: fresh,
    error,
    isLoading,
    reload,
  } = useReplay(name, replayId, state, cursors[cursors.length - 1]);
  // Turning a page must not empty the panel: the last answer stays until then.
  const lastRef = useRef<ReplayDetail>();
  lastRef.current = fresh ?? lastRef.current;
  const replay = lastRef.current;

  const hrefTo = (landed: { eventType: string; bucketStart: string }) =>
    partitionHref(
      landed.eventType === name
        ? entityHref
        : entityLink(`eventtype:default/${landed.eventType}`),
      landed.bucketStart,
    );
  const partitions = replay ? partitionsOf(replay.events) : [];
  const next = replay?.nextCursor;

  return (
    <Dialog
      isOpen
      onOpenChange={isOpen => {
        if (!isOpen) {
          onClose();
        }
      }}
      width={880}
    >
      <DialogHeader>
        {replay
          ? `Replay of ${formatUtcDateTime(replay.requestedAt)}`
          : 'Replay'}
      </DialogHeader>
      <DialogBody>
        {isLoading && !replay && <Skeleton width="100%" height={240} />}
        {error && isNotFound(error) && !replay && (
          <EmptyState
            title="There is no such replay"
            description="The address names a replay of another event type, or one that is no longer kept."
          />
        )}
        {error && !(isNotFound(error) && !replay) && (
          <ProblemPanel
            what={
              replay
                ? 'The replay could not be refreshed; this is what was known.'
                : 'The replay could not be loaded.'
            }
            error={error}
            onRetry={reload}
          />
        )}
        {replay && (
          <Flex direction="column" gap="5">
            <Flex align="center" gap="3">
              <StatusBadge status={REPLAY_STATE[replay.state].status}>
                {REPLAY_STATE[replay.state].word}
              </StatusBadge>
              <div role="status">
                <Text as="p" variant="body-large" weight="bold">
                  {describeReplay(replay)}.
                </Text>
              </div>
            </Flex>
            {!isFinished(replay) && (
              <progress
                className={styles.progress}
                aria-label="Events with their final outcome"
                value={progressOf(replay)}
                max={1}
              />
            )}
            <Text as="p" color="secondary">
              {shortRef(replay.requestedBy)}: “{replay.reason}”. Change:{' '}
              {describeFix(replay.fix)}.
            </Text>
            <ReplayBooks counts={replay.counts} />
            {partitions.length > 0 && (
              <Text as="p">
                They lie in{' '}
                {partitions.map((landed, at) => (
                  <span key={`${landed.eventType} ${landed.bucketStart}`}>
                    {at > 0 && ', '}
                    <Link href={hrefTo(landed)}>
                      {landed.eventType === name
                        ? formatBucket(landed.bucketStart, landed.bucketEnd)
                        : `${landed.eventType}, ${formatBucket(
                            landed.bucketStart,
                            landed.bucketEnd,
                          )}`}
                    </Link>
                  </span>
                ))}
                .
              </Text>
            )}
            <ReplayEvents
              replay={replay}
              state={state}
              onStateChange={wanted => {
                setCursors([]);
                setState(wanted);
              }}
              hrefOf={({ landed }) => landed && hrefTo(landed)}
              showNext={
                next === undefined
                  ? undefined
                  : () => setCursors(current => [...current, next])
              }
              showPrevious={
                cursors.length
                  ? () => setCursors(current => current.slice(0, -1))
                  : undefined
              }
            />
          </Flex>
        )}
      </DialogBody>
    </Dialog>
  );
}
