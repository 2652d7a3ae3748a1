import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
  Text,
} from '@backstage/ui';
import { EmptyState, StatusBadge } from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';
import { useEffect, useRef, useState } from 'react';
import { describeUse, keyState } from './describeKeys';
import { KeyExpiry } from './KeyExpiry';
import { KeyFacts } from './KeyFacts';
import { RevokeKey } from './RevokeKey';
import { RotateKey } from './RotateKey';
import styles from './WriteKeys.module.css';

type Step = 'look' | 'rotate' | 'expiry';

/** Everything about one write key, and what can be done with it. */
export function WriteKeyPanel(props: {
  /** As in the address bar; anything may stand there. */
  keyId: string;
  keys: WriteKey[];
  now: Date;
  reload: () => void;
  onClose: () => void;
}) {
  const { keyId, keys, now, reload, onClose } = props;
  const [step, setStep] = useState<Step>('look');
  const [isRevoking, setRevoking] = useState(false);
  const [isShowingSecret, setShowingSecret] = useState(false);
  const stepRef = useRef<HTMLDivElement>(null);
  const writeKey = keys.find(key => key.keyId === keyId);
  const predecessor = keys.find(key => key.keyId === writeKey?.replaces);

  useEffect(() => {
    // The button that led to the step is gone: the focus goes to what came.
    if (step !== 'look') {
      stepRef.current?.focus();
    }
  }, [step]);

  const lookAgain = () => {
    setShowingSecret(false);
    setStep('look');
    reload();
  };

  return (
    <Dialog
      isOpen
      isDismissable={!isShowingSecret}
      isKeyboardDismissDisabled={isShowingSecret}
      onOpenChange={isOpen => {
        if (!isOpen) {
          onClose();
        }
      }}
      width={760}
    >
      <DialogHeader>{writeKey?.name ?? keyId}</DialogHeader>
      <DialogBody>
        {!writeKey && (
          <EmptyState
            title="There is no such write key"
            description="The address names a key that does not exist, or one that is not yours to see."
          />
        )}
        {writeKey && (
          <Flex direction="column" gap="5">
            <Flex align="center" gap="3">
              <StatusBadge status={keyState(writeKey, now).status}>
                {keyState(writeKey, now).word}
              </StatusBadge>
              <Text as="p">{describeUse(writeKey, now)}</Text>
            </Flex>
            <div ref={stepRef} tabIndex={-1} className={styles.step}>
              {step === 'rotate' && (
                <RotateKey
                  writeKey={writeKey}
                  now={now}
                  onRotated={() => {
                    setShowingSecret(true);
                    reload();
                  }}
                  onRevokeOld={() => setRevoking(true)}
                  onDone={lookAgain}
                />
              )}
              {step === 'expiry' && (
                <KeyExpiry
                  writeKey={writeKey}
                  onChanged={lookAgain}
                  onCancel={lookAgain}
                />
              )}
            </div>
            <KeyFacts writeKey={writeKey} predecessor={predecessor} now={now} />
          </Flex>
        )}
      </DialogBody>
      {writeKey && isRevoking && (
        <RevokeKey
          writeKey={writeKey}
          now={now}
          onClose={() => {
            // A successor that is being shown stays: it is shown this one time.
            setRevoking(false);
            reload();
          }}
        />
      )}
      {writeKey?.state === 'live' && step === 'look' && (
        <DialogFooter>
          <Button onPress={() => setStep('rotate')}>Rotate</Button>
          <Button variant="secondary" onPress={() => setStep('expiry')}>
            Change its end
          </Button>
          <Button
            variant="secondary"
            destructive
            onPress={() => setRevoking(true)}
          >
            Revoke
          </Button>
        </DialogFooter>
      )}
    </Dialog>
  );
}
