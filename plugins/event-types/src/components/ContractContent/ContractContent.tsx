import { useApi } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, Button, Flex, Text } from '@backstage/ui';
import {
  Answer,
  Loaded,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import {
  type ContractReport,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import { contractsApiRef } from '../../api';
import { ProblemsTable, YamlText } from '../YamlText';
import { ForgetDialog } from './ForgetDialog';
import { ImportContract } from './ImportContract';
import { ServiceLevelsTable } from './ServiceLevelsTable';
import {
  describeFindings,
  describePromises,
  describeSource,
  statusOf,
} from './describe';

/** Contracts change by people: looking twice a minute is often enough. */
const REFRESH_INTERVAL_MS = 30_000;

/** What is promised to readers, and does Millrace measure it? */
export function ContractContent() {
  const { entity } = useEntity();
  const { name } = entity.metadata;
  const api = useApi(contractsApiRef);
  const { allowed } = usePermission({
    permission: eventTypeUpdatePermission,
    resourceRef: name,
  });
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [report, text] = await Promise.all([
        api.getReport(name, { signal }),
        api.getContract(name, { signal }),
      ]);
      return { report, text };
    },
    [api, name],
  );
  const state = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });

  return (
    <Loaded
      what="contract"
      state={state}
      deniedHint="It is for those who may read the event type. Ask its owner or the platform team."
    >
      {value => (
        <Contract
          {...value}
          name={name}
          mayChange={allowed}
          onChanged={state.reload}
        />
      )}
    </Loaded>
  );
}

function Contract(props: {
  name: string;
  report: ContractReport;
  text: string;
  mayChange: boolean;
  onChanged: () => void;
}) {
  const { name, report, text, mayChange, onChanged } = props;
  const { source, findings, serviceLevels } = report;
  const [isImporting, setImporting] = useState(false);
  const [wasImporting, setWasImporting] = useState(false);
  const [isForgetting, setForgetting] = useState(false);
  const [done, setDone] = useState<string>();
  const answerRef = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (wasImporting && !isImporting) {
      answerRef.current?.focus();
    }
  }, [wasImporting, isImporting]);

  if (isImporting) {
    return (
      <ImportContract
        name={name}
        isReplacing={source === 'imported'}
        current={text}
        onKept={() => {
          setDone('The contract is kept.');
          setImporting(false);
          onChanged();
        }}
        onCancel={() => setImporting(false)}
      />
    );
  }
  return (
    <Flex direction="column" gap="6">
      <div ref={answerRef} tabIndex={-1}>
        <Text as="p" color="secondary" variant="body-small">
          What is promised to readers, and does Millrace measure it?
        </Text>
        <Answer status={statusOf(report)} detail={describeSource(report)}>
          {describePromises(serviceLevels)}
        </Answer>
        {done && (
          <Alert role="status" mt="4" status="success" icon title={done} />
        )}
      </div>
      <ServiceLevelsTable serviceLevels={serviceLevels} />
      {findings.length > 0 && (
        <ProblemsTable
          caption={`What the contract says otherwise: ${describeFindings(
            findings,
          )}`}
          problems={findings}
        />
      )}
      <section aria-labelledby="contract-as-code">
        <Flex direction="column" gap="3">
          <Text
            as="h3"
            id="contract-as-code"
            variant="title-x-small"
            weight="bold"
          >
            The contract
          </Text>
          <Text color="secondary">
            In the Open Data Contract Standard, version 3.1.0, as readers get it
            today.
          </Text>
          <YamlText
            text={text}
            what="contract"
            fileName={`${name}.odcs.yaml`}
          />
        </Flex>
      </section>
      <section aria-labelledby="contract-import">
        <Flex direction="column" gap="3">
          <Text
            as="h3"
            id="contract-import"
            variant="title-x-small"
            weight="bold"
          >
            Say more than Millrace knows
          </Text>
          <Text>
            A contract of your own may add purpose, roles, quality rules, prices
            and whatever else the standard or the team has. It is kept as it is.
            What is registered (owner, tier, schema) stands, and is changed
            where the event type is declared.
          </Text>
          {mayChange ? (
            <Flex gap="3">
              <Button
                variant="secondary"
                onPress={() => {
                  setDone(undefined);
                  setImporting(true);
                  setWasImporting(true);
                }}
              >
                {source === 'imported'
                  ? 'Import another contract'
                  : 'Import a contract'}
              </Button>
              {source === 'imported' && (
                <Button variant="tertiary" onPress={() => setForgetting(true)}>
                  Forget the imported contract
                </Button>
              )}
            </Flex>
          ) : (
            <Text color="secondary">
              Members of its owner and the platform team can import one.
            </Text>
          )}
        </Flex>
      </section>
      {isForgetting && (
        <ForgetDialog
          name={name}
          report={report}
          onForgotten={() => {
            setDone('The imported contract is forgotten.');
            onChanged();
          }}
          onClose={() => setForgetting(false)}
        />
      )}
    </Flex>
  );
}
