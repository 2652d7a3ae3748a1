import { toError } from '@backstage/errors';
import {
  Alert,
  Button,
  Flex,
  Radio,
  RadioGroup,
  Select,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import {
  type DeclarationProblem,
  type EventType,
  TIERS,
  declarationProblemsOf,
} from '@millrace/plugin-event-types-common';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { EventTypesApi } from '../../api';
import { type Draft, newDraft, parseSource } from './draft';
import { eventTypeNameProblem } from './eventTypeName';
import { problemAt, showProblem, withoutProblemsAt } from './problems';
import { PrivacyDecisions } from './PrivacyDecisions';
import { SchemaPreview } from './SchemaPreview';
import { SchemaSourceFields } from './SchemaSourceFields';
import { submitDraft } from './submit';
import { useOwners } from './useOwners';
import { usePreview } from './usePreview';
import styles from './RegisterForm.module.css';

const UNDECIDED = 'undecided_personal_field';

const TIER_MEANING = {
  critical: 'Critical: somebody is woken when it is late. Sealed first.',
  normal: 'Normal: read by reports and models during the day.',
  low: 'Low: nice to have. May wait when capacity is scarce.',
};

/** Name, owner, tier and schema of a new event type. */
export function RegisterForm(props: {
  api: EventTypesApi;
  onRegistered: (eventType: EventType) => void;
}) {
  const { api, onRegistered } = props;
  const [draft, setDraft] = useState<Draft>(newDraft);
  const [problems, setProblems] = useState<DeclarationProblem[]>([]);
  /** Fields to be decided, also those that have been meanwhile. */
  const [undecided, setUndecided] = useState<DeclarationProblem[]>([]);
  const [error, setError] = useState<Error>();
  const [isSubmitting, setSubmitting] = useState(false);
  const [failedAttempts, setFailedAttempts] = useState(0);
  const summaryRef = useRef<HTMLDivElement>(null);
  const owners = useOwners();
  const parsed = parseSource(draft);
  const previewState = usePreview(draft.name, parsed);

  const own = owners.value?.own;
  useEffect(() => {
    if (own) {
      setDraft(current => ({ ...current, owner: current.owner ?? own }));
    }
  }, [own]);
  useEffect(() => {
    // After an attempt only: correcting a field must not move the focus.
    summaryRef.current?.focus();
  }, [failedAttempts]);

  const change = (part: Partial<Draft>, ...changed: string[]) => {
    setDraft(current => ({ ...current, ...part }));
    // Another list or text: pointers into the one before mean nothing now.
    if (changed.some(pointer => ['/fields', '/schema'].includes(pointer))) {
      setUndecided([]);
    }
    setProblems(current => withoutProblemsAt(current, ...changed));
  };

  const refuse = (found: DeclarationProblem[]) => {
    setProblems(found);
    setUndecided(current => [
      ...current,
      ...found.filter(
        ({ code, pointer }) =>
          code === UNDECIDED && !current.some(each => each.pointer === pointer),
      ),
    ]);
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSubmitting(true);
    setError(undefined);
    try {
      const submitted = await submitDraft(api, draft);
      refuse(submitted.problems ?? []);
      if (submitted.eventType) {
        onRegistered(submitted.eventType);
        return;
      }
    } catch (cause) {
      const found = declarationProblemsOf(cause);
      refuse(found);
      setError(found.length ? undefined : toError(cause));
    }
    setSubmitting(false);
    setFailedAttempts(count => count + 1);
  };

  const nameProblem =
    problemAt(problems, '/name') ??
    (draft.name ? eventTypeNameProblem(draft.name) : undefined);

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <div className={styles.inputs}>
        {problems.length > 0 && (
          <div ref={summaryRef} tabIndex={-1} role="alert">
            <Alert
              status="danger"
              icon
              title="Not registered yet: this has to be corrected"
              description={
                <ul className={styles.summary}>
                  {problems.map(({ pointer, message }) => (
                    <li key={`${pointer} ${message}`}>
                      {pointer && <code>{pointer}</code>} {message}
                    </li>
                  ))}
                </ul>
              }
            />
          </div>
        )}
        {error && (
          <ProblemPanel
            what="The event type could not be registered."
            error={error}
          />
        )}
        <TextField
          label="Name"
          description="What happened, such as repository.pushed. It stays for ever: events, topic and data endpoint bear it."
          isRequired
          value={draft.name}
          onChange={name => change({ name }, '/name')}
          {...showProblem(nameProblem)}
        />
        <TextAreaField
          label="Description"
          description="When is it sent, and what is one event?"
          rows={2}
          value={draft.description}
          onChange={description => change({ description }, '/description')}
          {...showProblem(problemAt(problems, '/description'))}
        />
        <Select
          label="Owner"
          description="The group that answers for the schema and grants access."
          isRequired
          options={owners.value?.options ?? []}
          value={draft.owner ?? null}
          onChange={owner => change({ owner: String(owner) }, '/owner')}
          {...showProblem(problemAt(problems, '/owner'))}
        />
        {owners.error && !owners.value && (
          <ProblemPanel
            what="The groups could not be loaded."
            error={owners.error}
            onRetry={owners.reload}
          />
        )}
        <RadioGroup
          label="Tier"
          description="Sets how late it may be, and who gets scarce capacity first."
          value={draft.tier}
          onChange={value => {
            const tier = TIERS.find(candidate => candidate === value);
            if (tier) {
              change({ tier }, '/tier');
            }
          }}
        >
          {TIERS.map(tier => (
            <Radio key={tier} value={tier}>
              {TIER_MEANING[tier]}
            </Radio>
          ))}
        </RadioGroup>
        <SchemaSourceFields
          draft={draft}
          parsed={parsed}
          problems={[...problems, ...(previewState.preview?.problems ?? [])]}
          onChange={change}
        />
        {undecided.length > 0 && (
          <PrivacyDecisions
            api={api}
            draft={draft}
            undecided={undecided}
            onChange={change}
          />
        )}
        <Flex gap="3">
          <Button type="submit" isPending={isSubmitting}>
            Register
          </Button>
        </Flex>
      </div>
      <aside className={styles.preview}>
        <SchemaPreview state={previewState} />
      </aside>
    </form>
  );
}
