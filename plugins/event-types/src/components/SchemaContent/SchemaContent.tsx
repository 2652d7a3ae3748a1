import { CodeSnippet } from '@backstage/core-components';
import { useEntity } from '@backstage/plugin-catalog-react';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Flex,
  SearchField,
  Select,
  Skeleton,
  Text,
} from '@backstage/ui';
import {
  EmptyState,
  ProblemPanel,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type {
  EventTypeVersion,
  FieldSummary,
} from '@millrace/plugin-event-types-common';
import { useMemo, useState } from 'react';
import { useVersions } from '../../hooks';
import { FieldsTable } from '../FieldsTable';
import styles from './SchemaContent.module.css';

function searchFields(fields: FieldSummary[], search: string): FieldSummary[] {
  const wanted = search.trim().toLocaleLowerCase('en-US');
  return fields.filter(({ path, type, doc = '', semanticType = '' }) =>
    [path, type, doc, semanticType].some(text =>
      text.toLocaleLowerCase('en-US').includes(wanted),
    ),
  );
}

function describeVersion(version: EventTypeVersion, newest: number): string {
  const { fields, createdAt, createdBy } = version;
  const required = fields.filter(field => field.required).length;
  const which =
    version.version === newest
      ? `Version ${version.version}, the newest`
      : `Version ${version.version} of ${newest}`;
  return `${which}: ${formatCountOf(
    fields.length,
    'field',
  )}, ${required} required. Since ${formatUtcDateTime(
    createdAt,
  )}, by ${createdBy}.`;
}

function Versions(props: { versions: EventTypeVersion[] }) {
  const { versions } = props;
  const newest = Math.max(...versions.map(({ version }) => version));
  const [chosen, setChosen] = useState<number>();
  const [search, setSearch] = useState('');
  const version =
    versions.find(candidate => candidate.version === chosen) ??
    versions.find(candidate => candidate.version === newest)!;
  const fields = useMemo(
    () => searchFields(version.fields, search),
    [version, search],
  );

  return (
    <Flex direction="column" gap="4">
      <Text as="h2" variant="title-x-small">
        {describeVersion(version, newest)}
      </Text>
      <div className={styles.controls}>
        <Select
          label="Version"
          options={versions.map(candidate => ({
            id: String(candidate.version),
            label: `Version ${candidate.version}`,
          }))}
          value={String(version.version)}
          onChange={id => setChosen(Number(id))}
        />
        <SearchField
          label="Search fields"
          placeholder="Path, type, meaning or description"
          value={search}
          onChange={setSearch}
        />
      </div>
      {fields.length ? (
        <FieldsTable
          caption={
            search
              ? `${fields.length} of ${formatCountOf(
                  version.fields.length,
                  'field',
                )}`
              : formatCountOf(version.fields.length, 'field')
          }
          fields={fields}
        />
      ) : (
        <EmptyState
          title="No field fits the search"
          description="The search looks at the path, the type, the meaning and the description of a field."
        />
      )}
      <Accordion>
        <AccordionTrigger title="Avro schema" />
        <AccordionPanel>
          <CodeSnippet
            language="json"
            text={JSON.stringify(version.schema, undefined, 2)}
            showCopyCodeButton
          />
        </AccordionPanel>
      </Accordion>
    </Flex>
  );
}

/** What does an event of this type look like? */
export function SchemaContent() {
  const { entity } = useEntity();
  const { value, error, isLoading, reload } = useVersions(entity.metadata.name);
  if (isLoading) {
    return <Skeleton width="100%" height={320} />;
  }
  return (
    <>
      {error && !value && (
        <ProblemPanel
          what="The schema could not be loaded."
          error={error}
          onRetry={reload}
        />
      )}
      {value && value.length > 0 && <Versions versions={value} />}
    </>
  );
}
