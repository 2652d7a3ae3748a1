import type { EventTypePreview } from '@millrace/plugin-event-types-common';
import type { AnswerState } from '../../../hooks';
import type { ParsedSource } from '../draft';
import { decidedPreview } from '../privacy';
import { SchemaPreview } from '../SchemaPreview';
import { SchemaSourceFields } from '../SchemaSourceFields';
import styles from '../RegisterForm.module.css';
import type { StepProps } from './types';

/** What an event looks like, and beside it the schema that this makes. */
export function Schema(
  props: StepProps & {
    source: ParsedSource | undefined;
    preview: AnswerState<EventTypePreview>;
  },
) {
  const { draft, problems, options, change, source, preview } = props;
  const previewProblems = preview.isCurrent ? preview.value?.problems : [];
  return (
    <div className={styles.beside}>
      <div className={styles.inputs}>
        <SchemaSourceFields
          draft={draft}
          parsed={source}
          problems={[
            ...problems,
            ...(previewProblems ?? []).filter(
              found =>
                !problems.some(({ pointer }) => pointer === found.pointer),
            ),
          ]}
          semanticTypes={options.value?.semanticTypes}
          onChange={change}
        />
      </div>
      <aside aria-label="Resulting schema">
        <SchemaPreview
          preview={
            preview.value && {
              ...preview.value,
              ...decidedPreview(draft, preview.value),
            }
          }
          error={preview.error}
        />
      </aside>
    </div>
  );
}
