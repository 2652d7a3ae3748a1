import { CodeSnippet } from '@backstage/core-components';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Flex,
  SearchField,
  Select,
} from '@backstage/ui';
import {
  EmptyState,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  EventTypeVersion,
  FieldSummary,
} from '@millrace/plugin-event-types-common';
import { useMemo, useState } from 'react';
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

/** The fields of one version, to be searched, and its Avro. */
export function VersionFields(props: {
  versions: EventTypeVersion[];
  version: EventTypeVersion;
  onChoose: (version: number) => void;
}) {
  const { versions, version, onChoose } = props;
  const [search, setSearch] = useState('');
  const fields = useMemo(
    () => searchFields(version.fields, search),
    [version, search],
  );
  return (
    <Flex direction="column" gap="4">
      <div className={styles.controls}>
        <Select
          label="Version"
          options={versions.map(candidate => ({
            id: String(candidate.version),
            label: `Version ${candidate.version}`,
          }))}
          value={String(version.version)}
          onChange={id => onChoose(Number(id))}
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
