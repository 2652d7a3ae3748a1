import { toError } from '@backstage/errors';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
  TextField,
} from '@backstage/ui';
import { type ReactNode, useState } from 'react';
import { ProblemPanel } from '../ProblemPanel';

/**
 * What {@link ConfirmDialog} asks for before it lets somebody go on.
 *
 * @public
 */
export interface ConfirmReason {
  label: string;
  /** Who reads it later, in one sentence. */
  description: string;
  /** Characters, without blanks around them. */
  minLength: number;
  maxLength: number;
}

/**
 * Asks before something that is hard to undo or that others will feel: what it
 * is, what it would do (the preview, as `children`), why it is done, and a
 * button that says the verb. A failure stays in the dialog, with everything
 * that was filled in. Closing it gives the focus back to where it came from.
 *
 * @public
 */
export function ConfirmDialog(props: {
  /** The deed as a question: `Revoke Checkout service?` */
  title: string;
  /** The verb and what it is done to: `Revoke the key`. Never `OK` or `Yes`. */
  verb: string;
  /** How one leaves without doing it: `Keep it`. */
  otherwise: string;
  /** Whether it destroys or stops something: the button says so by its colour. */
  isDestructive?: boolean;
  /** The preview: what would happen, in numbers where there are numbers. */
  children: ReactNode;
  /** Asked for where others will want to know why. */
  reason?: ConfirmReason;
  /** Said when it fails, as a sentence: `The key was not revoked.` */
  failure: string;
  /** Does it; what it throws is shown. The reason is empty where none is asked. */
  onConfirm: (reason: string) => Promise<void>;
  /** Called after it is done as well as when somebody leaves. */
  onClose: () => void;
}) {
  const { title, verb, otherwise, isDestructive, children, reason } = props;
  const { failure, onConfirm, onClose } = props;
  const [why, setWhy] = useState('');
  const [isAttempted, setAttempted] = useState(false);
  const [isDoing, setDoing] = useState(false);
  const [error, setError] = useState<Error>();
  const isReasonGiven = !reason || why.trim().length >= reason.minLength;

  const confirm = async () => {
    setAttempted(true);
    if (!isReasonGiven) {
      return;
    }
    setDoing(true);
    setError(undefined);
    try {
      await onConfirm(why.trim());
      onClose();
    } catch (cause) {
      setError(toError(cause));
      setDoing(false);
    }
  };

  return (
    <Dialog
      isOpen
      // A click beside it must not throw away what was read and filled in.
      isDismissable={false}
      isKeyboardDismissDisabled={isDoing}
      onOpenChange={isOpen => {
        if (!isOpen) {
          onClose();
        }
      }}
      width={560}
    >
      <DialogHeader>{title}</DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="4">
          {children}
          {reason && (
            <TextField
              label={reason.label}
              description={reason.description}
              isRequired
              maxLength={reason.maxLength}
              value={why}
              onChange={setWhy}
              validationBehavior="aria"
              validate={() =>
                !isAttempted || isReasonGiven || 'Say why, in a few words.'
              }
            />
          )}
          {error && <ProblemPanel what={failure} error={error} />}
        </Flex>
      </DialogBody>
      <DialogFooter>
        <Button
          destructive={isDestructive}
          isPending={isDoing}
          onPress={confirm}
        >
          {verb}
        </Button>
        <Button variant="secondary" isDisabled={isDoing} onPress={onClose}>
          {otherwise}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
