import { toError } from '@backstage/errors';
import { Button, Flex, Text, TextAreaField } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import { TEST_EVENT_SOURCE } from '@millrace/plugin-delivery-common';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { checkData } from './checkData';
import styles from './FirstEvent.module.css';

const ROWS = 10;

/** The data of a test event, to be changed before it is sent. */
export function TestEventForm(props: {
  /** Data that fits the schema, as text. */
  example: string;
  /** What to begin with: what was refused is mended, not written again. */
  draft?: string;
  /** Sends it; what it throws is shown and the text stays. */
  onSend: (data: string) => Promise<void>;
  onCancel: () => void;
}) {
  const { example, draft = example, onSend, onCancel } = props;
  const [data, setData] = useState(draft);
  const [isAttempted, setAttempted] = useState(false);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<Error>();
  const formRef = useRef<HTMLFormElement>(null);
  const problem = checkData(data);

  const focusData = () => formRef.current?.querySelector('textarea')?.focus();
  // The button that led here is gone: the focus goes to what came.
  useEffect(focusData, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAttempted(true);
    if (problem) {
      return;
    }
    setSending(true);
    setError(undefined);
    try {
      await onSend(data);
    } catch (cause) {
      setError(toError(cause));
      setSending(false);
    }
  };

  return (
    <form ref={formRef} onSubmit={submit} noValidate>
      <Flex direction="column" gap="4">
        <TextAreaField
          className={styles.data}
          label="Data of the test event"
          secondaryLabel="JSON, made from the schema"
          description="It is sent to the gateway as it stands here, and cannot be taken back once it is accepted: write nothing that is secret or about a real person."
          rows={ROWS}
          spellCheck="false"
          value={data}
          onChange={setData}
          validationBehavior="aria"
          validate={() => (isAttempted && problem) || true}
        />
        <Text as="p" color="secondary">
          It is marked as a test: its source is{' '}
          <code className={styles.code}>{TEST_EVENT_SOURCE}</code>, and readers
          leave it out by <code className={styles.code}>_source</code>. It
          counts in the ledger like any other event.
        </Text>
        {error && (
          <ProblemPanel what="The test event was not sent." error={error} />
        )}
        <Flex gap="2">
          <Button type="submit" isPending={isSending}>
            Send the test event
          </Button>
          {data !== example && (
            <Button
              variant="secondary"
              onPress={() => {
                setData(example);
                // The button goes with what it undid.
                focusData();
              }}
            >
              Back to the example
            </Button>
          )}
          <Button variant="tertiary" isDisabled={isSending} onPress={onCancel}>
            Cancel
          </Button>
        </Flex>
      </Flex>
    </form>
  );
}
