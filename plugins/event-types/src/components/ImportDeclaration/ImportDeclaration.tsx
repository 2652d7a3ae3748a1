import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Flex, Skeleton, Text } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import {
  type DeclarationImportReview,
  type EventType,
  declarationProblemsOf,
} from '@millrace/plugin-event-types-common';
import { type FormEvent, useCallback, useRef, useState } from 'react';
import { declarationsApiRef } from '../../api';
import { useFocusOnMount } from '../SchemaContent/useFocusOnMount';
import { YamlSource, type YamlSourceHandle, useCheck } from '../YamlText';
import { ImportPreview, VerdictLine } from './ImportPreview';
import styles from './ImportDeclaration.module.css';

/** What the backend reads. */
const MAX_BYTES = 2 * 1024 * 1024;

/** What the button does, as far as it is known. */
function verbOf(review: DeclarationImportReview | undefined): string {
  switch (review?.action) {
    case 'create':
      return `Register ${review.name}`;
    case 'new-version':
      return `Take in as version ${review.version}`;
    case 'unchanged':
      return review.isTakeOver ? 'Take it over' : 'Nothing to take in';
    default:
      return 'Take in';
  }
}

/** Whether taking it in would do anything. */
function isWorthwhile(review: DeclarationImportReview): boolean {
  return review.isReady && (review.action !== 'unchanged' || review.isTakeOver);
}

/**
 * Takes a declaration in from a text or a file: what would happen is said before,
 * each problem at its line.
 */
export function ImportDeclaration(props: {
  /** The event type that it has to declare; any, when left out. */
  name?: string;
  /** The declaration of that event type as it is registered. */
  registered?: string;
  heading: string;
  onTakenIn: (eventType: EventType, isNew: boolean) => void;
  onCancel: () => void;
}) {
  const { name, registered, heading, onTakenIn, onCancel } = props;
  const api = useApi(declarationsApiRef);
  const [text, setText] = useState('');
  const [error, setError] = useState<Error>();
  const [isTaking, setTaking] = useState(false);
  const sourceRef = useRef<YamlSourceHandle>(null);
  const headingRef = useFocusOnMount<HTMLDivElement>();
  const check = useCallback(
    (checked: string, signal: AbortSignal) =>
      api.check(checked, { name, signal }),
    [api, name],
  );
  const state = useCheck(text, check);
  const review = state.isCurrent ? state.answer : undefined;
  const isReady = review !== undefined && isWorthwhile(review);

  const takeIn = async (event: FormEvent) => {
    event.preventDefault();
    if (!review || !isReady) {
      return;
    }
    setTaking(true);
    setError(undefined);
    try {
      const isNew = review.generation === undefined;
      const eventType =
        isNew || review.name === undefined
          ? await api.register(text)
          : await api.takeIn(review.name, text, review.generation);
      onTakenIn(eventType, isNew);
    } catch (cause) {
      setError(describeFailure(toError(cause)));
      setTaking(false);
    }
  };

  return (
    <form onSubmit={takeIn} noValidate>
      <Flex direction="column" gap="5">
        <div ref={headingRef} tabIndex={-1}>
          <Text as="h2" variant="title-x-small" weight="bold">
            {heading}
          </Text>
        </div>
        <YamlSource
          handle={sourceRef}
          label="Declaration"
          description="Paste a document of kind EventType, in YAML or JSON, or choose a file that holds one."
          value={text}
          maxBytes={MAX_BYTES}
          beginning={
            registered === undefined
              ? undefined
              : { label: 'Begin with what is registered', text: registered }
          }
          onChange={next => {
            setText(next);
            setError(undefined);
          }}
        />
        <section aria-labelledby="import-verdict">
          <Flex direction="column" gap="4">
            <h3 id="import-verdict" className={styles.heading}>
              What would happen
            </h3>
            {text.trim() === '' && (
              <Text color="secondary">
                Nothing yet: it is said here once there is a declaration. Until
                you take it in, nothing is written.
              </Text>
            )}
            {state.error && state.isCurrent && (
              <ProblemPanel
                what="The declaration could not be checked."
                error={state.error}
              />
            )}
            <div role="status">
              {review && <VerdictLine review={review} />}
              {!state.isCurrent && text.trim() !== '' && (
                <Text color="secondary">
                  Comparing with what is registered…
                </Text>
              )}
            </div>
            {!state.answer && !state.error && text.trim() !== '' && (
              <Skeleton width="100%" height={96} />
            )}
            {state.answer && (
              <div className={state.isCurrent ? undefined : styles.stale}>
                <ImportPreview
                  review={state.answer}
                  onLine={line => sourceRef.current?.goToLine(line)}
                />
              </div>
            )}
          </Flex>
        </section>
        {error && (
          <ProblemPanel
            what="The declaration was not taken in. Nothing was changed."
            error={error}
          />
        )}
        <Flex gap="3">
          <Button type="submit" isDisabled={!isReady} isPending={isTaking}>
            {verbOf(review)}
          </Button>
          <Button variant="tertiary" isDisabled={isTaking} onPress={onCancel}>
            Cancel
          </Button>
        </Flex>
      </Flex>
    </form>
  );
}

/** The problems of the answer say more than its status. */
function describeFailure(error: Error): Error {
  const problems = declarationProblemsOf(error);
  return problems.length
    ? new Error(problems.map(({ message }) => message).join('. '))
    : error;
}
