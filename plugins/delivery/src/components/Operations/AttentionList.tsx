import { Button, ButtonLink, Text } from '@backstage/ui';
import {
  StatusBadge,
  formatDuration,
} from '@millrace/plugin-data-platform-react';
import type { AttentionLine } from '@millrace/plugin-delivery-common';
import { URGENCY, WHAT_TO_DO } from './describeOperations';
import { jumpTo } from './Section';
import styles from './Operations.module.css';

/** What the caller may do about lines; the backend decides in the end. */
export interface AttentionActions {
  auditHref?: string;
  entityHref: (eventType: string) => string;
  /** Missing when the caller may not. */
  forceClose?: (eventType: string, bucketStart: string) => void;
  openRepair: (eventType: string, operationId: string) => void;
}

function Action(props: { line: AttentionLine; actions: AttentionActions }) {
  const { line, actions } = props;
  const { code, eventType, bucketStart, operationId } = line;
  const jump = (id: string, label: string) => (
    <Button variant="secondary" onPress={() => jumpTo(id)}>
      {label}
    </Button>
  );
  switch (code) {
    case 'bucket_waiting':
      return actions.forceClose && eventType && bucketStart ? (
        <Button
          variant="secondary"
          aria-label={`Close the oldest bucket of ${eventType} without what is missing`}
          onPress={() => actions.forceClose?.(eventType, bucketStart)}
        >
          Force close
        </Button>
      ) : (
        jump('waiting', 'Show the buckets')
      );
    case 'poison':
      return jump('poison', 'Show the messages');
    case 'audit_findings':
      return actions.auditHref ? (
        <ButtonLink variant="secondary" href={actions.auditHref}>
          Show the findings
        </ButtonLink>
      ) : null;
    case 'revision_undecided':
    case 'revision_failed':
      return eventType && operationId ? (
        <Button
          variant="secondary"
          aria-label={`Show the repair of ${eventType}`}
          onPress={() => actions.openRepair(eventType, operationId)}
        >
          {code === 'revision_undecided' ? 'Decide' : 'Show why'}
        </Button>
      ) : null;
    case 'sealing_slow':
      return jump('sealing', 'Show the sealing');
    case 'no_worker':
    case 'no_gateway':
    case 'process_ended':
    case 'worker_lost':
    case 'gateway_lost':
    case 'config_behind':
      return jump('processes', 'Show the processes');
    case 'not_consumed':
    case 'backlog_old':
    case 'bucket_unseen':
      return jump('backlog', 'Show the backlog');
    default:
      return eventType ? (
        <ButtonLink variant="secondary" href={actions.entityHref(eventType)}>
          Show the event type
        </ButtonLink>
      ) : null;
  }
}

/** How long something has been so; clocks differ, so never less than nothing. */
function lasting(since: string, now: Date): string {
  return formatDuration(Math.max(0, now.getTime() - Date.parse(since)));
}

/** What needs a person, most urgent first, with why and what to do. */
export function AttentionList(props: {
  lines: AttentionLine[];
  total: number;
  now: Date;
  actions: AttentionActions;
}) {
  const { lines, total, now, actions } = props;
  return (
    <>
      <ul className={styles.attention} aria-label="What needs attention">
        {lines.map(line => {
          const { code, urgency, what, why, since, eventType, bucketStart } =
            line;
          return (
            <li
              key={[code, eventType, bucketStart, what].join(' ')}
              className={`${styles.line} ${styles[urgency]}`}
            >
              <StatusBadge status={URGENCY[urgency].status}>
                {URGENCY[urgency].word}
              </StatusBadge>
              <div className={styles.what}>
                <Text as="p" weight="bold">
                  {what}
                  {since && `, for ${lasting(since, now)}`}.
                </Text>
                {why && <Text as="p">{why}.</Text>}
                <Text as="p" color="secondary">
                  {WHAT_TO_DO[code]}
                </Text>
              </div>
              <Action line={line} actions={actions} />
            </li>
          );
        })}
      </ul>
      {total > lines.length && (
        <Text as="p" color="secondary">
          There are {total - lines.length} more; these are the most urgent.
        </Text>
      )}
    </>
  );
}
