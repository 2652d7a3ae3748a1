import {
  PlainTable,
  type Status,
  StatusBadge,
} from '@millrace/plugin-data-platform-react';
import styles from './YamlText.module.css';

/** Something to be said of a place in a text. */
export interface TextProblem {
  severity: 'error' | 'warning' | 'note';
  code: string;
  pointer: string;
  line?: number;
  message: string;
}

const STATUS: Record<TextProblem['severity'], Status> = {
  error: 'bad',
  warning: 'attention',
  note: 'off',
};

const COLUMNS = [
  { id: 'severity', label: 'Severity' },
  { id: 'line', label: 'Line' },
  { id: 'message', label: 'What' },
  { id: 'pointer', label: 'Where' },
];

/** What is to be said of a text, one row each, what is in the way first. */
export function ProblemsTable(props: {
  caption: string;
  problems: TextProblem[];
  /** Leads to a line, where there is a text to be led to. */
  onLine?: (line: number) => void;
}) {
  const { caption, problems, onLine } = props;
  const hasLines = problems.some(({ line }) => line !== undefined);
  return (
    <PlainTable
      caption={caption}
      isCaptionVisible
      columns={COLUMNS.filter(({ id }) => hasLines || id !== 'line')}
    >
      {problems.map(({ severity, code, pointer, line, message }) => (
        <tr key={`${code} ${pointer} ${line} ${message}`}>
          <td>
            <StatusBadge status={STATUS[severity]}>{severity}</StatusBadge>
          </td>
          {hasLines && (
            <td>
              {line !== undefined &&
                (onLine ? (
                  <button
                    type="button"
                    className={styles.line}
                    aria-label={`Go to line ${line}`}
                    onClick={() => onLine(line)}
                  >
                    {line}
                  </button>
                ) : (
                  line
                ))}
            </td>
          )}
          <td>{message}</td>
          <td className={styles.place} title={code}>
            {pointer || 'the text'}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
