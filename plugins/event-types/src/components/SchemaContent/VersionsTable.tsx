import { Button } from '@backstage/ui';
import {
  PlainTable,
  StatusBadge,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { VersionWithStep } from '@millrace/plugin-event-types-common';
import { describeStep, MODE_WORDS } from './modes';

const COLUMNS = [
  { id: 'version', label: 'Version' },
  { id: 'since', label: 'Since' },
  { id: 'by', label: 'By' },
  { id: 'differences', label: 'Differences' },
  { id: 'step', label: 'To the version before' },
  { id: 'mode', label: 'Published in mode' },
  { id: 'compare', label: 'Compare' },
];

/** Every version with who, when, and how it follows the one before. */
export function VersionsTable(props: {
  versions: VersionWithStep[];
  onCompare: (from: number, to: number) => void;
}) {
  const { versions, onCompare } = props;
  return (
    <PlainTable
      caption={formatCountOf(versions.length, 'version')}
      isCaptionVisible
      columns={COLUMNS}
    >
      {versions.map(({ version, createdAt, createdBy, step }) => {
        const words = step && describeStep(step);
        return (
          <tr key={version}>
            <th scope="row">{version}</th>
            <td>
              <time dateTime={createdAt}>{formatUtcDateTime(createdAt)}</time>
            </td>
            <td>{createdBy}</td>
            <td>{step ? step.differences : 'the first'}</td>
            <td>
              {words && (
                <StatusBadge status={words.status}>{words.words}</StatusBadge>
              )}
            </td>
            <td>{step?.mode && MODE_WORDS[step.mode].label}</td>
            <td>
              {step && (
                <Button
                  variant="tertiary"
                  size="small"
                  aria-label={`Compare version ${version} with the one before`}
                  onPress={() => onCompare(version - 1, version)}
                >
                  Compare
                </Button>
              )}
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}
