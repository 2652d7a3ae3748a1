import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Alert, Button, Skeleton, Text } from '@backstage/ui';
import {
  EntityLink,
  PlainTable,
  ProblemPanel,
  TierBadge,
  bucketWord,
  formatBytes,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  DeclarationProblem,
  DeclarationReview,
  EventType,
} from '@millrace/plugin-event-types-common';
import type { ReactNode } from 'react';
import type { AnswerState } from '../../../hooks';
import { FieldsTable } from '../../FieldsTable';
import type { DetailChange } from '../detailChanges';
import type { Draft } from '../draft';
import { placeName, placed, stepOf } from '../guideSteps';
import styles from '../RegisterForm.module.css';

/** What would be made, and everything that is in its way. */
export function Review(props: {
  draft: Draft;
  /** What is in force, where something is changed. */
  existing?: EventType;
  /** What of it changes. */
  changes: DetailChange[];
  problems: DeclarationProblem[];
  review: AnswerState<DeclarationReview>;
  /** Whether there is enough to ask the backend about. */
  isAsked: boolean;
  onGoTo: (problem: DeclarationProblem) => void;
}) {
  const { draft, existing, changes, problems, review, isAsked, onGoTo } = props;
  const { value, error, isCurrent } = review;
  const hints = (value?.hints ?? []).map(placed);
  return (
    <>
      {problems.length > 0 && (
        <ProblemList
          status="danger"
          title={`${formatCountOf(
            problems.length,
            'thing has',
            'things have',
          )} to be corrected first`}
          problems={problems}
          onGoTo={onGoTo}
        />
      )}
      {hints.length > 0 && (
        <ProblemList
          status="info"
          title="Worth a look; nothing waits for it"
          problems={hints}
          onGoTo={onGoTo}
        />
      )}
      {error && isCurrent && (
        <ProblemPanel
          what="It could not be reviewed. What you filled in is still here, and it is judged again when it is sent."
          error={error}
          onRetry={review.reload}
        />
      )}
      {isAsked && !isCurrent && !value && (
        <Skeleton width="100%" height={240} />
      )}
      {existing && <Changes changes={changes} />}
      {value && (
        <div className={isCurrent ? undefined : styles.stale}>
          <Resources draft={draft} existing={existing} review={value} />
          {!existing && value.fields.length > 0 && (
            <FieldsTable
              caption={formatCountOf(value.fields.length, 'field')}
              fields={value.fields}
            />
          )}
        </div>
      )}
    </>
  );
}

function ProblemList(props: {
  status: 'danger' | 'info';
  title: string;
  problems: DeclarationProblem[];
  onGoTo: (problem: DeclarationProblem) => void;
}) {
  const { status, title, problems, onGoTo } = props;
  return (
    <Alert
      role={status === 'danger' ? 'alert' : undefined}
      status={status}
      icon
      title={title}
      description={
        <ul className={styles.summary}>
          {problems.map(problem => (
            <li key={`${problem.code} ${problem.pointer} ${problem.message}`}>
              {problem.message}{' '}
              <Button
                variant="tertiary"
                size="small"
                onPress={() => onGoTo(problem)}
              >
                Go to {goalOf(problem)}
              </Button>
            </li>
          ))}
        </ul>
      }
    />
  );
}

function goalOf(problem: DeclarationProblem): string {
  return stepOf(problem) === 'privacy' ? 'privacy' : placeName(problem);
}

function Changes({ changes }: { changes: DetailChange[] }) {
  if (changes.length === 0) {
    return <Text color="secondary">Nothing has changed yet.</Text>;
  }
  return (
    <PlainTable
      caption={`${formatCountOf(changes.length, 'change')}; the schema stays`}
      isCaptionVisible
      columns={[
        { id: 'what', label: 'What' },
        { id: 'before', label: 'In force' },
        { id: 'after', label: 'After saving' },
      ]}
    >
      {changes.map(({ label, before, after }) => (
        <tr key={label}>
          <th scope="row">{label}</th>
          <td>{before ?? 'Not said'}</td>
          <td>{after ?? 'Not said'}</td>
        </tr>
      ))}
    </PlainTable>
  );
}

function Fact(props: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Resources(props: {
  draft: Draft;
  existing?: EventType;
  review: DeclarationReview;
}) {
  const { draft, existing, review } = props;
  const { resources, compatibility, volume } = review;
  const entityLink = useEntityRefLink();
  if (!resources) {
    return null;
  }
  const { partitions, retention } = resources;
  return (
    <section aria-label={existing ? 'What there is' : 'What will be made'}>
      <Text as="h3" variant="body-large" weight="bold">
        {existing ? 'What there is' : 'What will be made'}
      </Text>
      <dl className={styles.facts}>
        <Fact label="Event type">
          {resources.eventType}, version {resources.version}
        </Fact>
        {draft.owner && (
          <Fact label="Owner">
            <EntityLink
              entityRef={draft.owner}
              href={entityLink(draft.owner)}
            />
          </Fact>
        )}
        <Fact label="Tier">
          <TierBadge tier={draft.tier} />
        </Fact>
        <Fact label="Topic">
          <span className={styles.code}>{resources.topic}</span>
        </Fact>
        <Fact label="Topic of refused events">
          <span className={styles.code}>{resources.refusedTopic}</span>
        </Fact>
        <Fact label="Dataset">
          {resources.dataEndpoint},{' '}
          {formatCountOf(partitions.perDay, 'partition')} per day, one per{' '}
          {bucketWord(partitions.seconds)}
        </Fact>
        <Fact label="Retention class">
          {retention.title} ({formatCountOf(retention.keepDays, 'day')})
        </Fact>
        <Fact label="Compatibility">
          {compatibilityWords(compatibility, existing)}
        </Fact>
        {volume && <Fact label="Estimated volume">{volumeWords(volume)}</Fact>}
      </dl>
    </section>
  );
}

function compatibilityWords(
  compatibility: DeclarationReview['compatibility'],
  existing: EventType | undefined,
): string {
  if (!compatibility) {
    return 'Version 1: there is nothing to be compatible with';
  }
  const { againstVersion, isCompatible } = compatibility;
  if (existing) {
    return `The schema stays at version ${againstVersion}`;
  }
  return isCompatible
    ? `Compatible with version ${againstVersion}`
    : `Not compatible with version ${againstVersion}`;
}

function volumeWords(volume: NonNullable<DeclarationReview['volume']>): string {
  const { eventsPerDay, bytesPerEvent, bytesPerDay, bytesKept, basis } = volume;
  const source =
    basis === 'samples' ? 'measured on the samples' : 'guessed from the schema';
  const perEvent = `About ${formatBytes(bytesPerEvent)} an event, ${source}`;
  return eventsPerDay === undefined ||
    bytesPerDay === undefined ||
    bytesKept === undefined
    ? `${perEvent}; per day it depends on how many events are expected`
    : `${perEvent}: with ${formatCount(eventsPerDay)} a day, ${formatBytes(
        bytesPerDay,
      )} a day and ${formatBytes(bytesKept)} kept, before compression`;
}
