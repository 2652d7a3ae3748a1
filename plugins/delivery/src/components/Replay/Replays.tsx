import { useApi } from '@backstage/frontend-plugin-api';
import { Flex, Link } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  ProblemPanel,
  StatusBadge,
  formatCount,
  formatUtcDateTime,
  shortRef,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { useCallback } from 'react';
import { deliveryApiRef } from '../../api';
import { REPLAY_STATE } from './describeReplay';
import { describeFix } from './fixDraft';
import styles from './Replay.module.css';

const REFRESH_INTERVAL_MS = 3000;

const COLUMNS = [
  { id: 'when', label: 'Started' },
  { id: 'who', label: 'By' },
  { id: 'why', label: 'Why' },
  { id: 'fix', label: 'Change' },
  { id: 'selected', label: 'Selected', isNumeric: true },
  { id: 'accepted', label: 'Accepted', isNumeric: true },
  { id: 'landed', label: 'Landed', isNumeric: true },
  { id: 'refused', label: 'Refused again', isNumeric: true },
  { id: 'state', label: 'State' },
];

/** Who has replayed what, when and why. Draws nothing before the first replay. */
export function Replays(props: {
  name: string;
  hrefOf: (replayId: string) => string;
}) {
  const { name, hrefOf } = props;
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.listReplays(name, { signal }),
    [api, name],
  );
  const { value, error, reload } = usePolling(load, {
    intervalMs: REFRESH_INTERVAL_MS,
  });
  return (
    <Flex direction="column" gap="3">
      {error && (
        <ProblemPanel
          what="The replays could not be listed."
          error={error}
          onRetry={reload}
        />
      )}
      {value && value.length > 0 && (
        <PlainTable
          caption="Replays, newest first"
          isCaptionVisible
          columns={COLUMNS}
        >
          {value.map(replay => {
            const { replayId, requestedAt, requestedBy, state, counts } =
              replay;
            return (
              <tr key={replayId}>
                <th scope="row">
                  <Link href={hrefOf(replayId)}>
                    {formatUtcDateTime(requestedAt)}
                  </Link>
                </th>
                <td>{shortRef(requestedBy)}</td>
                <td className={styles.prose}>{replay.reason}</td>
                <td className={styles.prose}>{describeFix(replay.fix)}</td>
                <NumericCell>{formatCount(counts.selected)}</NumericCell>
                <NumericCell>{formatCount(counts.accepted)}</NumericCell>
                <NumericCell>{formatCount(counts.landed)}</NumericCell>
                <NumericCell>{formatCount(counts.refusedAgain)}</NumericCell>
                <td>
                  <StatusBadge status={REPLAY_STATE[state].status}>
                    {REPLAY_STATE[state].word}
                  </StatusBadge>
                </td>
              </tr>
            );
          })}
        </PlainTable>
      )}
    </Flex>
  );
}
