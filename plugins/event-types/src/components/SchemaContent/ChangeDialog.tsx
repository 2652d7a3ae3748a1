import { toError } from '@backstage/errors';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
} from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import { type ReactNode, useState } from 'react';

/**
 * A dialog that changes one thing. It stays open, with all that was filled in,
 * when that fails, and says why.
 */
export function ChangeDialog(props: {
  title: string;
  /** The verb, on the button. */
  verb: string;
  /** What could not be done, as a sentence. */
  failure: string;
  isReady: boolean;
  isDestructive?: boolean;
  change: () => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { title, verb, failure, isReady, change, onDone, onClose } = props;
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<Error>();
  const run = async () => {
    setPending(true);
    setError(undefined);
    try {
      await change();
      onDone();
    } catch (cause) {
      setError(toError(cause));
      setPending(false);
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
    >
      <DialogHeader>{title}</DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="4">
          {props.children}
          {error && <ProblemPanel what={failure} error={error} />}
        </Flex>
      </DialogBody>
      <DialogFooter>
        <Button
          isDisabled={!isReady}
          isPending={isPending}
          destructive={props.isDestructive}
          onPress={run}
        >
          {verb}
        </Button>
        <Button variant="secondary" onPress={onClose}>
          Cancel
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
