import { CodeSnippet } from '@backstage/core-components';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Card,
  CardBody,
  CardHeader,
  Text,
} from '@backstage/ui';
import {
  ProblemPanel,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type { FieldSummary } from '@millrace/plugin-event-types-common';
import { FieldsTable } from '../FieldsTable';

/** What the registration would hold, as far as it is described. */
export function SchemaPreview(props: {
  preview?: { schema?: unknown; fields: FieldSummary[] };
  error?: Error;
}) {
  const { preview, error } = props;
  return (
    <Card>
      <CardHeader>
        <Text as="h3" variant="title-x-small" weight="bold">
          Resulting schema
        </Text>
      </CardHeader>
      <CardBody>
        {error && (
          <ProblemPanel
            what="The schema could not be previewed."
            error={error}
          />
        )}
        {preview?.fields.length ? (
          <>
            <FieldsTable
              caption={formatCountOf(preview.fields.length, 'field')}
              fields={preview.fields}
            />
            <Accordion>
              <AccordionTrigger title="Avro schema" />
              <AccordionPanel>
                <CodeSnippet
                  language="json"
                  text={JSON.stringify(preview.schema, undefined, 2)}
                  showCopyCodeButton
                />
              </AccordionPanel>
            </Accordion>
          </>
        ) : (
          <Text color="secondary">
            Describe the schema to see here what will be registered.
          </Text>
        )}
      </CardBody>
    </Card>
  );
}
