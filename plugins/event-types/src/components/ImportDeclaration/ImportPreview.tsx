import { Flex } from '@backstage/ui';
import {
  PlainTable,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  DeclarationImportReview,
  DeclarationPartDifference,
  DeclarationTextProblem,
} from '@millrace/plugin-event-types-common';
import { FieldsTable } from '../FieldsTable';
import { DifferencesTable } from '../SchemaContent/DifferencesTable';
import { ProblemsTable, type TextProblem, Verdict } from '../YamlText';
import styles from './ImportDeclaration.module.css';

const PARTS: Record<DeclarationPartDifference['part'], string> = {
  description: 'Description',
  owner: 'Owner',
  tier: 'Tier',
  tags: 'Tags',
  system: 'System',
  retention: 'Retention class',
  expectedEventsPerDay: 'Expected events per day',
};

const PART_COLUMNS = [
  { id: 'part', label: 'Part' },
  { id: 'old', label: 'Is' },
  { id: 'new', label: 'Would be' },
];

/** What taking it in would do, in one line. */
export function VerdictLine({ review }: { review: DeclarationImportReview }) {
  const { action, name, version, parts, differences, fields } = review;
  const problems = review.problems.length;
  const takeOver = review.isTakeOver
    ? ' The event type passes into the hands of the portal.'
    : '';
  switch (action) {
    case 'refused':
      return (
        <Verdict status="bad">
          It cannot be taken in: {formatCountOf(problems, 'problem')}
        </Verdict>
      );
    case 'create':
      return (
        <Verdict status="good">
          {name} would be registered, with{' '}
          {formatCountOf(fields.length, 'field')}
        </Verdict>
      );
    case 'new-version':
      return (
        <Verdict status="good">
          The schema of {name} becomes version {version}:{' '}
          {formatCountOf(differences.length, 'difference')}, all allowed
          {parts.length > 0 && `; ${listParts(parts)}`}.{takeOver}
        </Verdict>
      );
    case 'update':
      return (
        <Verdict status="good">
          The schema of {name} stays at version {version}; {listParts(parts)}.
          {takeOver}
        </Verdict>
      );
    default:
      return (
        <Verdict status={review.isTakeOver ? 'attention' : 'off'}>
          {review.isTakeOver
            ? `${name} is registered like this.${takeOver}`
            : `Nothing would change: ${name} is registered like this.`}
        </Verdict>
      );
  }
}

function listParts(parts: DeclarationPartDifference[]): string {
  const names = parts.map(({ part }) => PARTS[part].toLocaleLowerCase('en-US'));
  return `${names.join(', ')} ${parts.length === 1 ? 'changes' : 'change'}`;
}

/** What is in the way, what would differ, and what it declares. */
export function ImportPreview(props: {
  review: DeclarationImportReview;
  onLine: (line: number) => void;
}) {
  const { review, onLine } = props;
  const { action, problems, hints, parts, differences, fields } = review;
  // What breaks is told by the differences, with why and what to do.
  const told = new Set(
    differences
      .filter(({ isBreaking }) => isBreaking)
      .map(({ code, pointer }) => `${code} ${pointer}`),
  );
  const inTheWay = problems.filter(
    ({ code, pointer }) => !told.has(`${code} ${pointer}`),
  );
  return (
    <Flex direction="column" gap="4">
      {inTheWay.length > 0 && (
        <ProblemsTable
          caption="In the way"
          problems={inTheWay.map(found => withSeverity(found, 'error'))}
          onLine={onLine}
        />
      )}
      {parts.length > 0 && <PartsTable parts={parts} />}
      {differences.length > 0 && (
        <DifferencesTable
          caption={`Schema: ${formatCountOf(differences.length, 'difference')}`}
          differences={differences}
          hasVersions
        />
      )}
      {action === 'create' && fields.length > 0 && (
        <FieldsTable
          caption={formatCountOf(fields.length, 'field')}
          fields={fields}
        />
      )}
      {hints.length > 0 && (
        <ProblemsTable
          caption="Worth a look, and in nobody's way"
          problems={hints.map(found => withSeverity(found, 'note'))}
          onLine={onLine}
        />
      )}
    </Flex>
  );
}

function withSeverity(
  { code, pointer, line, message }: DeclarationTextProblem,
  severity: TextProblem['severity'],
): TextProblem {
  return { severity, code, pointer, line, message };
}

function PartsTable({ parts }: { parts: DeclarationPartDifference[] }) {
  return (
    <PlainTable
      caption={`Beside the schema: ${formatCountOf(
        parts.length,
        'difference',
      )}`}
      isCaptionVisible
      columns={PART_COLUMNS}
    >
      {parts.map(difference => (
        <tr key={difference.part}>
          <th scope="row">{PARTS[difference.part]}</th>
          <td className={styles.words}>{inWords(difference, 'old')}</td>
          <td className={styles.words}>{inWords(difference, 'new')}</td>
        </tr>
      ))}
    </PlainTable>
  );
}

function inWords(
  difference: DeclarationPartDifference,
  side: 'old' | 'new',
): string {
  const value = difference[side];
  if (value === undefined) {
    return 'not said';
  }
  return difference.part === 'expectedEventsPerDay'
    ? formatCount(Number(value))
    : value;
}
