import { Button, Flex, SearchField, Select, Text } from '@backstage/ui';
import {
  ProblemPanel,
  StatusBadge,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import { useState } from 'react';
import { problemAt, showProblem } from './problems';
import { type FieldDecision, decide } from './privacy';
import type { StepProps } from './steps/types';
import styles from './RegisterForm.module.css';

/** As many as can be looked over at once. */
const PAGE_SIZE = 25;

/** Stands for no decision in the lists. */
const UNSAID = 'unsaid';

/**
 * Fields, and what each of them holds about a person: a list to decide it in, with
 * the reason where one looks as if it held something.
 */
export function FieldDecisions(
  props: StepProps & {
    decisions: FieldDecision[];
    /** The field that somebody was led here for. */
    leadsTo?: string;
  },
) {
  const { draft, problems, options, change, decisions, leadsTo } = props;
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(() =>
    Math.max(
      0,
      Math.floor(
        decisions.findIndex(({ pointer }) => pointer === leadsTo) / PAGE_SIZE,
      ),
    ),
  );
  const wanted = search.trim().toLocaleLowerCase('en-US');
  const fitting = decisions.filter(({ path, semanticType = '' }) =>
    `${path} ${semanticType}`.toLocaleLowerCase('en-US').includes(wanted),
  );
  const pages = Math.ceil(fitting.length / PAGE_SIZE);
  const at = Math.min(page, Math.max(0, pages - 1));
  const shown = fitting.slice(at * PAGE_SIZE, (at + 1) * PAGE_SIZE);
  const open = decisions.filter(({ isOpen }) => isOpen);

  const say = (entries: [FieldDecision, string | undefined][]) =>
    change(
      decide(draft, new Map(entries)),
      ...entries.map(([{ pointer }]) => pointer),
    );
  return (
    <>
      <div role="status">
        {open.length > 0 ? (
          <StatusBadge status="attention">
            {formatCountOf(open.length, 'field')} to decide of{' '}
            {decisions.length}: they look as if they were about a person
          </StatusBadge>
        ) : (
          <StatusBadge status="good">
            Nothing to decide: {formatCountOf(decisions.length, 'field')}
          </StatusBadge>
        )}
      </div>
      {options.error && !options.value && (
        <ProblemPanel
          what="What a field may hold could not be loaded."
          error={options.error}
          onRetry={options.reload}
        />
      )}
      {open.length > 1 && (
        <Flex align="center" gap="3">
          <Button
            variant="secondary"
            onPress={() =>
              say(open.map(field => [field, field.finding?.semanticType]))
            }
          >
            Take all {open.length} suggestions
          </Button>
          <Text color="secondary" variant="body-small">
            Each can be changed afterwards. “Not personal” is a decision too.
          </Text>
        </Flex>
      )}
      {decisions.length > PAGE_SIZE && (
        <SearchField
          label="Search fields"
          placeholder="Path or what it holds"
          value={search}
          onChange={value => {
            setSearch(value);
            setPage(0);
          }}
          // Enter searches here, and does not go on to the next step.
          onSubmit={() => {}}
        />
      )}
      <ul className={styles.rows} aria-label="What the fields hold">
        {shown.map(field => (
          <DecisionRow
            key={field.pointer}
            field={field}
            semanticTypes={options.value?.semanticTypes ?? []}
            problem={problemAt(
              problems.filter(
                // Those of the fields inside a record are shown there.
                ({ pointer }) =>
                  pointer === field.pointer ||
                  pointer === `${field.pointer}/semanticType`,
              ),
              field.pointer,
            )}
            onSay={semanticType => say([[field, semanticType]])}
          />
        ))}
      </ul>
      {fitting.length === 0 && (
        <Text color="secondary">
          No field fits. The search looks at the path and at what a field holds.
        </Text>
      )}
      {pages > 1 && (
        <Flex align="center" gap="3">
          <Button
            variant="secondary"
            isDisabled={at === 0}
            onPress={() => setPage(at - 1)}
          >
            Fields before
          </Button>
          <Text>
            {at * PAGE_SIZE + 1}–{at * PAGE_SIZE + shown.length} of{' '}
            {formatCountOf(fitting.length, 'field')}
          </Text>
          <Button
            variant="secondary"
            isDisabled={at === pages - 1}
            onPress={() => setPage(at + 1)}
          >
            Further fields
          </Button>
        </Flex>
      )}
    </>
  );
}

function DecisionRow(props: {
  field: FieldDecision;
  semanticTypes: { id: string; title: string }[];
  problem: string | undefined;
  onSay: (semanticType: string | undefined) => void;
}) {
  const { field, semanticTypes, problem, onSay } = props;
  const { path, pointer, type, semanticType, finding } = field;
  return (
    <li className={styles.decision} data-at={pointer}>
      <div>
        <div className={styles.path}>{path}</div>
        <Text color="secondary" variant="body-small">
          {type}
        </Text>
      </div>
      <Select
        aria-label={`What ${path} holds`}
        placeholder={field.isOpen ? 'Decide' : 'Not said'}
        searchable
        options={[
          { id: UNSAID, label: 'Not said' },
          ...semanticTypes.map(({ id, title }) => ({ id, label: title })),
          ...(semanticType &&
          !semanticTypes.some(({ id }) => id === semanticType)
            ? [{ id: semanticType, label: semanticType }]
            : []),
        ]}
        value={semanticType ?? null}
        onChange={value =>
          value !== null && onSay(value === UNSAID ? undefined : String(value))
        }
        {...showProblem(problem)}
      />
      <DecisionReason field={field} semanticTypes={semanticTypes} />
      {finding && field.isOpen && (
        <Button
          variant="secondary"
          aria-label={`Take it: ${path} holds ${titleOf(
            finding.semanticType,
            semanticTypes,
          )}`}
          onPress={() => onSay(finding.semanticType)}
        >
          Take it
        </Button>
      )}
    </li>
  );
}

function DecisionReason(props: {
  field: FieldDecision;
  semanticTypes: { id: string; title: string }[];
}) {
  const { finding, isOpen, isCovered, semanticType } = props.field;
  if (isCovered) {
    return (
      <Text color="secondary" variant="body-small">
        What is around it is personal, and speaks for it.
      </Text>
    );
  }
  if (!finding) {
    return <span />;
  }
  const title = titleOf(finding.semanticType, props.semanticTypes);
  const words = finding.confidence === 'possible' ? 'Perhaps' : 'Probably';
  return (
    <div>
      {isOpen ? (
        <StatusBadge status="attention">To decide</StatusBadge>
      ) : (
        semanticType === undefined && (
          <StatusBadge status="unknown">Worth a look</StatusBadge>
        )
      )}
      <Text as="p" color="secondary" variant="body-small">
        {words} {title}: {finding.reason}
      </Text>
    </div>
  );
}

function titleOf(
  id: string,
  semanticTypes: { id: string; title: string }[],
): string {
  return semanticTypes.find(each => each.id === id)?.title ?? id;
}
