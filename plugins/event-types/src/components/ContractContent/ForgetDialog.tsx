import { useApi } from '@backstage/frontend-plugin-api';
import { Skeleton, Text } from '@backstage/ui';
import {
  ConfirmDialog,
  ProblemPanel,
  formatUtcDateTime,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { ContractReport } from '@millrace/plugin-event-types-common';
import { useCallback } from 'react';
import { contractsApiRef } from '../../api';
import { YamlText } from '../YamlText';

/** Asks before the imported contract is forgotten, and shows what comes then. */
export function ForgetDialog(props: {
  name: string;
  report: ContractReport;
  onForgotten: () => void;
  onClose: () => void;
}) {
  const { name, report, onForgotten, onClose } = props;
  const { importedAt, importedBy } = report;
  const api = useApi(contractsApiRef);
  const load = useCallback(
    (signal: AbortSignal) =>
      api.getContract(name, { asGenerated: true, signal }),
    [api, name],
  );
  const { value, error, isLoading, reload } = usePolling(load, {});
  return (
    <ConfirmDialog
      title={`Forget the imported contract of ${name}?`}
      verb="Forget the contract"
      otherwise="Keep it"
      isDestructive
      failure="The contract was not forgotten."
      onConfirm={async () => {
        await api.forget(name);
        onForgotten();
      }}
      onClose={onClose}
    >
      <Text as="p">
        The contract that{' '}
        {importedBy ? `${importedBy} imported` : 'was imported'}
        {importedAt && ` on ${formatUtcDateTime(importedAt)}`} is deleted, with
        all that only it says. It cannot be brought back from here: download it
        first if there is no other copy. Nothing that is registered changes.
      </Text>
      <Text as="p">From then on readers get what Millrace knows:</Text>
      {isLoading && <Skeleton width="100%" height={160} />}
      {error && !value && (
        <ProblemPanel
          what="What would be given out could not be loaded."
          error={error}
          onRetry={reload}
        />
      )}
      {value !== undefined && (
        <YamlText
          text={value}
          what="generated contract"
          fileName={`${name}.generated.odcs.yaml`}
        />
      )}
    </ConfirmDialog>
  );
}
