import { Radio, RadioGroup, TextAreaField } from '@backstage/ui';
import type {
  DeclarationOptions,
  DeclarationProblem,
} from '@millrace/plugin-event-types-common';
import type { Draft, ParsedSource, SchemaSource } from './draft';
import { FieldsEditor } from './FieldsEditor';
import { problemAt, showProblem } from './problems';
import styles from './RegisterForm.module.css';

const SOURCES: { id: SchemaSource; label: string }[] = [
  { id: 'fields', label: 'List the fields' },
  { id: 'samples', label: 'Paste sample events' },
  { id: 'schema', label: 'Paste an Avro record or a JSON Schema' },
];

/** The three ways to describe what an event looks like. */
export function SchemaSourceFields(props: {
  draft: Draft;
  parsed: ParsedSource | undefined;
  /** Of the server: the last registration and the live preview. */
  problems: DeclarationProblem[];
  /** What a field of the list may hold about a person, if that is asked for. */
  semanticTypes?: DeclarationOptions['semanticTypes'];
  onChange: (change: Partial<Draft>, ...changed: string[]) => void;
}) {
  const { draft, parsed, problems, semanticTypes, onChange } = props;
  const textProblem =
    parsed?.problem ??
    problemAt(problems, '/samples', '/schema', '/jsonSchema', '/data');
  return (
    <>
      <RadioGroup
        label="How do you want to describe it?"
        orientation="horizontal"
        value={draft.source}
        onChange={value => {
          const source = SOURCES.find(({ id }) => id === value)?.id;
          if (source) {
            onChange(
              { source },
              '/fields',
              '/samples',
              '/schema',
              '/jsonSchema',
              '/data',
            );
          }
        }}
      >
        {SOURCES.map(({ id, label }) => (
          <Radio key={id} value={id}>
            {label}
          </Radio>
        ))}
      </RadioGroup>
      {draft.source === 'fields' && (
        <FieldsEditor
          rows={draft.fields}
          problems={problems}
          semanticTypes={semanticTypes}
          onChange={(fields, changed) => onChange({ fields }, changed)}
        />
      )}
      {draft.source === 'samples' && (
        <div data-at="/schema">
          <TextAreaField
            className={styles.code}
            label="Sample events"
            description="The data of one event, a list of them, or one per line. The more samples, the better it shows which fields are always there."
            rows={10}
            value={draft.samplesText}
            onChange={samplesText =>
              onChange({ samplesText }, '/samples', '/schema', '/data')
            }
            {...showProblem(textProblem)}
          />
        </div>
      )}
      {draft.source === 'schema' && (
        <div data-at="/schema">
          <TextAreaField
            className={styles.code}
            label="Avro record or JSON Schema"
            description="A JSON Schema (draft-07) is translated; variants are merged, and what does not fit a column becomes a JSON value."
            rows={10}
            value={draft.schemaText}
            onChange={schemaText =>
              onChange({ schemaText }, '/schema', '/jsonSchema', '/data')
            }
            {...showProblem(textProblem)}
          />
        </div>
      )}
    </>
  );
}
