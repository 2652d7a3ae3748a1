import { Alert, Button, Flex, Text } from '@backstage/ui';
import {
  ProblemPanel,
  formatAge,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import { useEffect, useState } from 'react';
import type { SavingState } from './DraftSaver';

const REDRAW_INTERVAL_MS = 15_000;
const JUST_NOW_MS = 60_000;

/** Whether what was typed is kept, and what to do when it is not. */
export function SavedStatus(props: {
  state: SavingState;
  onRetry: () => void;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
}) {
  const { state, onRetry, onKeepMine, onTakeTheirs } = props;
  const { status, savedAt, error } = state;
  if (status === 'failed' && error) {
    return (
      <ProblemPanel
        what="The draft could not be saved. What you filled in is kept in this browser tab, also when you reload it or sign in again."
        error={error}
        onRetry={onRetry}
      />
    );
  }
  if (status === 'conflict') {
    return (
      <Alert
        role="alert"
        status="warning"
        icon
        title="This draft was changed in another window"
        description="What you filled in here is kept in this browser tab. Choose which of the two goes on."
        customActions={
          <Flex gap="2">
            <Button variant="secondary" onPress={onKeepMine}>
              Keep what is here
            </Button>
            <Button variant="secondary" onPress={onTakeTheirs}>
              Take the other
            </Button>
          </Flex>
        }
      />
    );
  }
  return <SavedLine status={status} savedAt={savedAt} />;
}

function SavedLine(props: Pick<SavingState, 'status' | 'savedAt'>) {
  const { status, savedAt } = props;
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    setNow(new Date());
    const timer = setInterval(() => setNow(new Date()), REDRAW_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [savedAt]);

  if (status === 'untouched') {
    return (
      <Text color="secondary">
        What you fill in is saved as a draft by itself.
      </Text>
    );
  }
  if (!savedAt || status !== 'saved') {
    return <Text color="secondary">Saving…</Text>;
  }
  const iso = savedAt.toISOString();
  const isNew = now.getTime() - savedAt.getTime() < JUST_NOW_MS;
  return (
    <Text color="secondary">
      Saved{' '}
      <time dateTime={iso} title={formatUtcDateTime(iso)}>
        {isNew ? 'just now' : formatAge(iso, now)}
      </time>
    </Text>
  );
}
