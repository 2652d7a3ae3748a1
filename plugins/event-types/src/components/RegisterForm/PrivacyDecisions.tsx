import { Select, Text } from '@backstage/ui';
import { ProblemPanel, usePolling } from '@millrace/plugin-data-platform-react';
import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import { useCallback } from 'react';
import type { EventTypesApi } from '../../api';
import { type Draft, type FieldRow, rowAt } from './draft';
import styles from './RegisterForm.module.css';

/** What may be chosen from changes with a release only. */
const REFRESH_INTERVAL_MS = 60 * 60_000;

/**
 * The fields that look as if they were about a person, each to be decided before
 * the event type is registered.
 */
export function PrivacyDecisions(props: {
  api: EventTypesApi;
  draft: Draft;
  /** As the registration was refused for. */
  undecided: DeclarationProblem[];
  onChange: (change: Partial<Draft>, ...changed: string[]) => void;
}) {
  const { api, draft, undecided, onChange } = props;
  const load = useCallback(
    (signal: AbortSignal) => api.getDeclarationOptions({ signal }),
    [api],
  );
  const options = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });

  const decide = (pointer: string, semanticType: string) => {
    const row = rowAt(draft, pointer);
    onChange(
      row
        ? { fields: withSemanticType(draft.fields, row, semanticType) }
        : { decisions: { ...draft.decisions, [pointer]: semanticType } },
      pointer,
    );
  };
  return (
    <section aria-labelledby="about-persons" className={styles.decisions}>
      <Text as="h3" id="about-persons" variant="body-large" weight="bold">
        Say what these fields hold
      </Text>
      <Text as="p" color="secondary">
        They look as if they were about a person. What is personal is protected
        and can be erased; “Nothing about a person” is a decision too.
      </Text>
      {options.error && !options.value && (
        <ProblemPanel
          what="What a field may hold could not be loaded."
          error={options.error}
          onRetry={options.reload}
        />
      )}
      {undecided.map(({ pointer, message }) => (
        <Select
          key={pointer}
          label={nameOf(draft, pointer)}
          description={message}
          placeholder="Decide"
          searchable
          options={(options.value?.semanticTypes ?? []).map(
            ({ id, title }) => ({ id, label: title }),
          )}
          value={
            rowAt(draft, pointer)?.semanticType ??
            draft.decisions[pointer] ??
            null
          }
          onChange={value => value !== null && decide(pointer, String(value))}
        />
      ))}
    </section>
  );
}

function withSemanticType(
  rows: FieldRow[],
  row: FieldRow,
  semanticType: string,
): FieldRow[] {
  return rows.map(each => (each === row ? { ...each, semanticType } : each));
}

/** What somebody who wrote the schema knows the field by. */
function nameOf(draft: Draft, pointer: string): string {
  return rowAt(draft, pointer)?.name ?? pointer;
}
