import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
  Skeleton,
  Text,
  TextField,
} from '@backstage/ui';
import {
  ProblemPanel,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type { Replay, ReplaySelection } from '@millrace/plugin-delivery-common';
import { useCallback, useState } from 'react';
import { usePolling } from '@millrace/plugin-data-platform-react';
import { deliveryApiRef } from '../../api';
import { describePreview } from './describePreview';
import { suggestFix, toFix } from './fixDraft';
import { FixEditor } from './FixEditor';
import { PreviewView } from './PreviewView';
import { usePreview } from './usePreview';
import styles from './Replay.module.css';

/** The backend wants a reason that says something, and no essay. */
const REASON_LENGTH = { min: 3, max: 500 };

/** The names an event may be given as its type. */
function useEventTypeNames(): string[] {
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    async (signal: AbortSignal) =>
      (await api.getOverview({ signal })).map(({ eventType }) => eventType),
    [api],
  );
  return usePolling(load, {}).value ?? [];
}

/**
 * From what is wrong to events that are sent again: what to change, what that
 * would do, and why it is done. Nothing is sent before "Start".
 */
export function FixAndReplayDialog(props: {
  name: string;
  selection: ReplaySelection;
  /** What they were refused for, where it is one thing. */
  reason?: string;
  field?: string;
  onStarted: (replay: Replay) => void;
  onClose: () => void;
}) {
  const { name, selection, reason, field, onStarted, onClose } = props;
  const api = useApi(deliveryApiRef);
  const eventTypes = useEventTypeNames();
  const [draft, setDraft] = useState(() => suggestFix(reason, field));
  const [why, setWhy] = useState('');
  const [isStarting, setStarting] = useState(false);
  const [isAttempted, setAttempted] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const fix = toFix(draft);
  const { preview, isCurrent, error, retry } = usePreview(name, selection, fix);
  const sendable = isCurrent ? preview?.wouldBeAccepted ?? 0 : 0;
  const isReasonGiven = why.trim().length >= REASON_LENGTH.min;

  const start = async () => {
    setAttempted(true);
    if (!fix || !isReasonGiven) {
      return;
    }
    setStarting(true);
    setFailure(undefined);
    try {
      onStarted(
        await api.createReplay(name, { selection, fix, reason: why.trim() }),
      );
    } catch (cause) {
      // Everything that was filled in stays, to be tried again.
      setFailure(toError(cause));
      setStarting(false);
    }
  };

  return (
    <Dialog
      isOpen
      // A click beside it must not throw away what was filled in.
      isDismissable={false}
      onOpenChange={isOpen => {
        if (!isOpen) {
          onClose();
        }
      }}
      width={1120}
    >
      <DialogHeader>Fix and replay refused events</DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="6">
          <section aria-labelledby="replay-fix">
            <h3 id="replay-fix" className={styles.heading}>
              1. What to change
            </h3>
            <FixEditor
              draft={draft}
              eventTypes={eventTypes}
              onChange={setDraft}
            />
          </section>
          <section aria-labelledby="replay-preview">
            <h3 id="replay-preview" className={styles.heading}>
              2. What would happen
            </h3>
            <Flex direction="column" gap="3">
              <div role="status">
                {fix === undefined && (
                  <Text as="p" color="secondary">
                    Fill in the changes to see what they do.
                  </Text>
                )}
                {fix && !isCurrent && !error && (
                  <Text as="p" color="secondary">
                    Judging them by the schema…
                  </Text>
                )}
                {isCurrent && preview && (
                  <Text as="p" weight="bold">
                    {describePreview(preview)}.
                  </Text>
                )}
              </div>
              {error && !isCurrent && (
                <ProblemPanel
                  what="The preview could not be made."
                  error={error}
                  onRetry={retry}
                />
              )}
              {fix && !preview && !error && (
                <Skeleton width="100%" height={160} />
              )}
              {preview && (
                <div className={isCurrent ? undefined : styles.stale}>
                  <PreviewView preview={preview} />
                </div>
              )}
            </Flex>
          </section>
          <section aria-labelledby="replay-why">
            <h3 id="replay-why" className={styles.heading}>
              3. Why
            </h3>
            <Flex direction="column" gap="3">
              <TextField
                label="Reason"
                description="Stays with the replay, for those who ask later."
                isRequired
                maxLength={REASON_LENGTH.max}
                value={why}
                onChange={setWhy}
                validationBehavior="aria"
                validate={() =>
                  !isAttempted || isReasonGiven || 'Say why, in a few words.'
                }
              />
              {failure && (
                <ProblemPanel
                  what="The replay was not started. Nothing was sent."
                  error={failure}
                />
              )}
            </Flex>
          </section>
        </Flex>
      </DialogBody>
      <DialogFooter>
        <Button
          isDisabled={sendable === 0}
          isPending={isStarting}
          onPress={start}
        >
          {sendable > 0
            ? `Start: send ${formatCount(sendable)} again`
            : 'Start'}
        </Button>
        <Button variant="secondary" onPress={onClose}>
          Cancel
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
