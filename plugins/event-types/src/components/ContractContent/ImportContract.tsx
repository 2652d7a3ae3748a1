import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Flex, Skeleton, Text } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import type { ContractCheck } from '@millrace/plugin-event-types-common';
import { type FormEvent, useCallback, useRef, useState } from 'react';
import { contractsApiRef } from '../../api';
import { useFocusOnMount } from '../SchemaContent/useFocusOnMount';
import {
  ProblemsTable,
  Verdict,
  YamlSource,
  type YamlSourceHandle,
  useCheck,
} from '../YamlText';
import { ServiceLevelsTable } from './ServiceLevelsTable';
import styles from './ContractContent.module.css';
import { describeFindings, describePromises } from './describe';

/** What the backend reads. */
const MAX_BYTES = 1024 * 1024;

/** Takes a contract in: what would be reported is said before it is kept. */
export function ImportContract(props: {
  name: string;
  /** Whether it takes the place of one that was imported. */
  isReplacing: boolean;
  /** The contract as readers get it today. */
  current: string;
  onKept: () => void;
  onCancel: () => void;
}) {
  const { name, isReplacing, current, onKept, onCancel } = props;
  const api = useApi(contractsApiRef);
  const [text, setText] = useState('');
  const [error, setError] = useState<Error>();
  const [isKeeping, setKeeping] = useState(false);
  const sourceRef = useRef<YamlSourceHandle>(null);
  const headingRef = useFocusOnMount<HTMLDivElement>();
  const check = useCallback(
    (checked: string, signal: AbortSignal) =>
      api.check(name, checked, { signal }),
    [api, name],
  );
  const state = useCheck(text, check);
  const report = state.isCurrent ? state.answer : undefined;

  const keep = async (event: FormEvent) => {
    event.preventDefault();
    if (!report?.isKept) {
      return;
    }
    setKeeping(true);
    setError(undefined);
    try {
      await api.keep(name, text);
      onKept();
    } catch (cause) {
      setError(toError(cause));
      setKeeping(false);
    }
  };

  return (
    <form onSubmit={keep} noValidate>
      <Flex direction="column" gap="5">
        <div ref={headingRef} tabIndex={-1}>
          <Text as="h2" variant="title-x-small" weight="bold">
            Import a contract of {name}
          </Text>
        </div>
        <YamlSource
          handle={sourceRef}
          label="Contract"
          description="Paste a contract in the Open Data Contract Standard (3.0.0 to 3.1.0), in YAML or JSON, or choose a file that holds one."
          value={text}
          maxBytes={MAX_BYTES}
          beginning={{
            label: 'Begin with the contract of today',
            text: current,
          }}
          onChange={next => {
            setText(next);
            setError(undefined);
          }}
        />
        <section aria-labelledby="contract-report">
          <Flex direction="column" gap="4">
            <h3 id="contract-report" className={styles.heading}>
              What would be reported
            </h3>
            {text.trim() === '' && (
              <Text color="secondary">
                Nothing yet: it is said here once there is a contract. Until you
                keep it, nothing is written.
              </Text>
            )}
            {state.error && state.isCurrent && (
              <ProblemPanel
                what="The contract could not be checked."
                error={state.error}
              />
            )}
            <div role="status">
              {report && <CheckLine check={report} isReplacing={isReplacing} />}
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
                <Flex direction="column" gap="4">
                  {state.answer.findings.length > 0 && (
                    <ProblemsTable
                      caption={describeFindings(state.answer.findings)}
                      problems={state.answer.findings}
                      onLine={line => sourceRef.current?.goToLine(line)}
                    />
                  )}
                  <ServiceLevelsTable
                    serviceLevels={state.answer.serviceLevels}
                  />
                </Flex>
              </div>
            )}
          </Flex>
        </section>
        {error && (
          <ProblemPanel what="The contract was not kept." error={error} />
        )}
        <Flex gap="3">
          <Button
            type="submit"
            isDisabled={!report?.isKept}
            isPending={isKeeping}
          >
            Keep this contract
          </Button>
          <Button variant="tertiary" isDisabled={isKeeping} onPress={onCancel}>
            Cancel
          </Button>
        </Flex>
      </Flex>
    </form>
  );
}

function CheckLine(props: { check: ContractCheck; isReplacing: boolean }) {
  const { isKept, findings, serviceLevels } = props.check;
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (!isKept) {
    return (
      <Verdict status="bad">
        It cannot be kept: {describeFindings(errors)}
      </Verdict>
    );
  }
  const isClean = findings.every(({ severity }) => severity === 'note');
  return (
    <Verdict status={isClean ? 'good' : 'attention'}>
      It would be kept
      {props.isReplacing && ', in place of the imported one'}.{' '}
      {describePromises(serviceLevels)}
    </Verdict>
  );
}
