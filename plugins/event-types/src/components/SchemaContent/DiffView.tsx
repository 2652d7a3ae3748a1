import { CodeSnippet } from '@backstage/core-components';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Flex,
  Select,
  Skeleton,
  Text,
} from '@backstage/ui';
import {
  EmptyState,
  ProblemPanel,
  formatCountOf,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { VersionDiff } from '@millrace/plugin-event-types-common';
import { useCallback } from 'react';
import { eventTypesApiRef } from '../../api';
import { DifferencesTable } from './DifferencesTable';
import { describeStep } from './modes';
import { useFocusOnMount } from './useFocusOnMount';
import styles from './SchemaContent.module.css';

const GROUPS = [
  ['added', 'Added'],
  ['removed', 'Removed'],
  ['changed', 'Changed'],
  ['documentation', 'Descriptions'],
  ['semanticTypes', 'Meanings'],
  ['other', 'Names, defaults and annotations'],
] as const;

/** What became of one version until another one. */
export function DiffView(props: {
  name: string;
  versions: number[];
  from: number;
  to: number;
  onChange: (from: number, to: number) => void;
}) {
  const { name, versions, from, to, onChange } = props;
  const api = useApi(eventTypesApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.diffVersions(name, from, to, { signal }),
    [api, name, from, to],
  );
  const { value, error, isLoading, reload } = usePolling(load, {});
  const sectionRef = useFocusOnMount<HTMLElement>();
  const options = versions.map(version => ({
    id: String(version),
    label: `Version ${version}`,
  }));
  return (
    <section ref={sectionRef} tabIndex={-1} aria-label="Differences">
      <Flex direction="column" gap="4">
        <div className={styles.controls}>
          <Select
            label="From"
            options={options}
            value={String(from)}
            onChange={id => onChange(Number(id), to)}
          />
          <Select
            label="To"
            options={options}
            value={String(to)}
            onChange={id => onChange(from, Number(id))}
          />
        </div>
        {isLoading && <Skeleton width="100%" height={160} />}
        {error && !value && (
          <ProblemPanel
            what="The versions could not be compared."
            error={error}
            onRetry={reload}
          />
        )}
        {value && <Diff diff={value} />}
      </Flex>
    </section>
  );
}

function Diff({ diff }: { diff: VersionDiff }) {
  const { from, to } = diff;
  const groups = GROUPS.map(([group, label]) => ({
    label,
    differences: diff[group],
  })).filter(({ differences }) => differences.length > 0);
  const total = groups.reduce(
    (sum, { differences }) => sum + differences.length,
    0,
  );
  if (total === 0) {
    return (
      <EmptyState
        title="No difference"
        description={`Versions ${from.version} and ${to.version} say the same.`}
      />
    );
  }
  const step = describeStep({ ...diff, differences: total });
  return (
    <Flex direction="column" gap="4">
      <Text as="p" weight="bold">
        From version {from.version} to version {to.version}:{' '}
        {formatCountOf(total, 'difference')}, {step.words}.
      </Text>
      {groups.map(({ label, differences }) => (
        <DifferencesTable
          key={label}
          caption={label}
          differences={differences}
        />
      ))}
      <Accordion>
        <AccordionTrigger title="As Avro, side by side" />
        <AccordionPanel>
          <div className={styles.sides}>
            {[from, to].map(({ version, schema }) => (
              <section key={version} aria-label={`Version ${version}`}>
                <Text as="h4" variant="body-small" weight="bold">
                  Version {version}
                </Text>
                <CodeSnippet
                  language="json"
                  text={JSON.stringify(schema, undefined, 2)}
                  showCopyCodeButton
                />
              </section>
            ))}
          </div>
        </AccordionPanel>
      </Accordion>
    </Flex>
  );
}
