import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Alert, Button, Flex, Skeleton, Text } from '@backstage/ui';
import {
  ProblemPanel,
  StatusBadge,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import {
  type DeclarationProblem,
  type EventTypeVersion,
  type KnownReaders,
  type SchemaVerdict,
  declarationProblemsOf,
} from '@millrace/plugin-event-types-common';
import { type FormEvent, useState } from 'react';
import { useDeclarationOptions } from '../../hooks';
import { eventTypesApiRef } from '../../api';
import { parseSource } from '../RegisterForm/draft';
import { FieldDecisions } from '../RegisterForm/FieldDecisions';
import { SchemaSourceFields } from '../RegisterForm/SchemaSourceFields';
import { DifferencesTable } from './DifferencesTable';
import { evolveDraft } from './evolveDraft';
import { RequestMajorDialog } from './MajorPanel';
import { MODE_WORDS } from './modes';
import { useFocusOnMount } from './useFocusOnMount';
import { useDecidedVerdict } from './useDecidedVerdict';
import styles from './SchemaContent.module.css';

/** What the button does, as far as it is known. */
function verbOf(verdict: SchemaVerdict | undefined): string {
  if (verdict?.outcome === 'new-version') {
    return `Publish version ${verdict.version}`;
  }
  return verdict?.outcome === 'nothing' ? 'Nothing to publish' : 'Publish';
}

/** Changes the schema: what would happen is said while it is typed. */
export function EvolveForm(props: {
  name: string;
  newest: EventTypeVersion;
  onPublished: () => void;
  onCancel: () => void;
}) {
  const { name, newest, onPublished, onCancel } = props;
  const api = useApi(eventTypesApiRef);
  const [draft, setDraft] = useState(() =>
    evolveDraft(newest.schema, newest.fields),
  );
  const [error, setError] = useState<Error>();
  const [isPublishing, setPublishing] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const headingRef = useFocusOnMount<HTMLDivElement>();
  const parsed = parseSource(draft);
  const options = useDeclarationOptions();
  const state = useDecidedVerdict(name, draft, {
    source: parsed?.request,
    semanticTypes: options.value?.semanticTypes,
  });
  const verdict = state.isCurrent ? state.verdict : undefined;
  const canPublish = verdict?.outcome === 'new-version';

  const publish = async (event: FormEvent) => {
    event.preventDefault();
    if (!canPublish) {
      return;
    }
    setPublishing(true);
    setError(undefined);
    try {
      await api.publishVersion(name, verdict.schema);
      onPublished();
    } catch (cause) {
      setError(toError(cause));
      setPublishing(false);
    }
  };

  return (
    <form onSubmit={publish} noValidate>
      <Flex direction="column" gap="5">
        <div ref={headingRef} tabIndex={-1}>
          <Text as="h2" variant="title-x-small" weight="bold">
            Change the schema of {name}
          </Text>
        </div>
        <SchemaSourceFields
          draft={draft}
          parsed={parsed}
          problems={verdict?.outcome === 'invalid' ? verdict.problems : []}
          semanticTypes={options.value?.semanticTypes}
          onChange={part => setDraft(current => ({ ...current, ...part }))}
        />
        {state.asked.length > 0 && (
          <section aria-labelledby="schema-privacy">
            <Flex direction="column" gap="3">
              <h3 id="schema-privacy" className={styles.heading}>
                What new fields hold about persons
              </h3>
              <FieldDecisions
                draft={draft}
                problems={[]}
                options={options}
                change={part => setDraft(current => ({ ...current, ...part }))}
                decisions={state.asked}
              />
            </Flex>
          </section>
        )}
        <section aria-labelledby="schema-verdict">
          <Flex direction="column" gap="3">
            <h3 id="schema-verdict" className={styles.heading}>
              What would happen
            </h3>
            {state.error && state.isCurrent && (
              <ProblemPanel
                what="The change could not be judged."
                error={state.error}
              />
            )}
            <div role="status">
              {verdict ? (
                <VerdictLine verdict={verdict} />
              ) : (
                !state.error &&
                parsed?.request && (
                  <Text color="secondary">Comparing with every version…</Text>
                )
              )}
            </div>
            {!state.verdict && !state.error && parsed?.request && (
              <Skeleton width="100%" height={96} />
            )}
            {state.verdict && (
              <div className={state.isCurrent ? undefined : styles.stale}>
                <VerdictView verdict={state.verdict} />
              </div>
            )}
          </Flex>
        </section>
        {error && (
          <ProblemPanel
            what="The version was not published. Nothing was changed."
            error={describeFailure(error)}
          />
        )}
        <Flex gap="3">
          <Button
            type="submit"
            isDisabled={!canPublish}
            isPending={isPublishing}
          >
            {verbOf(verdict)}
          </Button>
          {verdict?.differences.some(({ isBreaking }) => isBreaking) && (
            <Button variant="secondary" onPress={() => setAsking(true)}>
              Ask for a new major version
            </Button>
          )}
          <Button variant="tertiary" onPress={onCancel}>
            Cancel
          </Button>
        </Flex>
      </Flex>
      {isAsking && verdict && (
        <RequestMajorDialog
          name={name}
          schema={verdict.schema}
          onClose={() => setAsking(false)}
          onDone={onPublished}
        />
      )}
    </form>
  );
}

function isUndecided({ code }: DeclarationProblem): boolean {
  return code === 'undecided_personal_field';
}

/** The problems of the answer say more than its status. */
function describeFailure(error: Error): Error {
  const [problem] = declarationProblemsOf(error);
  return problem ? new Error(problem.message) : error;
}

function VerdictLine({ verdict }: { verdict: SchemaVerdict }) {
  const { outcome, mode, version, differences, problems } = verdict;
  const breaks = differences.filter(({ isBreaking }) => isBreaking).length;
  switch (outcome) {
    case 'invalid':
      return (
        <StatusBadge status="attention">
          Not a schema yet: {formatCountOf(problems.length, 'problem')}
        </StatusBadge>
      );
    case 'nothing':
      return (
        <StatusBadge status="waiting">
          Nothing: this is the newest version
        </StatusBadge>
      );
    case 'new-version':
      return (
        <StatusBadge status="good">
          It becomes version {version}:{' '}
          {formatCountOf(differences.length, 'difference')}, all allowed in mode{' '}
          {MODE_WORDS[mode].label}
        </StatusBadge>
      );
    default:
      if (breaks === 0) {
        return problems.every(isUndecided) ? (
          <StatusBadge status="attention">
            Decide first what{' '}
            {problems.length === 1 ? 'a field holds' : 'fields hold'} about
            persons: {problems.length} to go
          </StatusBadge>
        ) : (
          <StatusBadge status="bad">Refused</StatusBadge>
        );
      }
      return (
        <StatusBadge status="bad">
          Refused in mode {MODE_WORDS[mode].label}: {breaks} of{' '}
          {formatCountOf(differences.length, 'difference')} would break
        </StatusBadge>
      );
  }
}

function VerdictView({ verdict }: { verdict: SchemaVerdict }) {
  const { outcome, differences, modes, readers } = verdict;
  // What is undecided is asked for above.
  const problems = verdict.problems.filter(found => !isUndecided(found));
  if (problems.length > 0) {
    return (
      <Alert
        status="warning"
        icon
        title="This has to be corrected first"
        description={
          <ul className={styles.problems}>
            {problems.map(({ pointer, message }) => (
              <li key={`${pointer} ${message}`}>
                {pointer && <code>{pointer}</code>} {message}
              </li>
            ))}
          </ul>
        }
      />
    );
  }
  const allowing = modes.filter(({ isCompatible }) => isCompatible);
  return (
    <Flex direction="column" gap="3">
      {differences.length > 0 && (
        <DifferencesTable
          caption={formatCountOf(differences.length, 'difference')}
          differences={differences}
          hasVersions
        />
      )}
      {outcome !== 'nothing' && (
        <Text color="secondary" variant="body-small">
          Allowed in {formatCountOf(allowing.length, 'mode')} of {modes.length}:{' '}
          {allowing.map(({ mode }) => MODE_WORDS[mode].label).join('; ')}.{' '}
          {describeReaders(readers)}
        </Text>
      )}
    </Flex>
  );
}

function describeReaders(readers: KnownReaders): string {
  if (!readers.isKnown) {
    return 'Who reads this event type is not known here.';
  }
  const affected = readers.readers.filter(({ isAffected }) => isAffected);
  if (readers.readers.length === 0) {
    return 'Nobody is known to read it.';
  }
  return affected.length
    ? `Affected readers: ${affected
        .map(({ entityRef }) => entityRef)
        .join(', ')}.`
    : `None of ${formatCountOf(
        readers.readers.length,
        'known reader',
      )} is affected.`;
}
