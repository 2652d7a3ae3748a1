import { Button, VisuallyHidden } from '@backstage/ui';
import { formatCountOf } from '@millrace/plugin-data-platform-react';
import { useMemo, useState } from 'react';
import { layoutJson } from './layoutJson';
import { type MarkedLine, markChanges, markPointer } from './markPointer';
import styles from './EventText.module.css';

/** More lines than a person reads; an event may have a hundred thousand. */
const SHOWN_LINES = 200;
/** How much is shown above the marked line when the text is long. */
const LINES_BEFORE_MARK = 20;
const SPACES_PER_LEVEL = 2;

const MARK_WORDS = { wrong: 'refused because of: ', changed: 'changed: ' };

function Line({ line }: { line: MarkedLine }) {
  const { depth, mark, isMissing } = line;
  const indent = ' '.repeat(depth * SPACES_PER_LEVEL);
  if (!mark) {
    return <>{indent + line.text}</>;
  }
  return (
    <>
      {indent}
      <mark
        className={`${styles.mark} ${styles[mark]} ${
          isMissing ? styles.missing : ''
        }`}
      >
        <VisuallyHidden>{MARK_WORDS[mark]}</VisuallyHidden>
        {line.text}
      </mark>
    </>
  );
}

/**
 * The text of an event, laid out, with the field marked that a pointer points
 * at, and what another text of it does not have. A long event is shown around
 * the first mark until all of it is asked for.
 */
export function EventText(props: {
  /** What it is the text of, for screen readers. */
  label: string;
  text: string;
  /** RFC 6901. */
  pointer?: string;
  /** The same event otherwise; what differs from it is marked. */
  comparedWith?: string;
}) {
  const { label, text, pointer, comparedWith } = props;
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => {
    const marked = markPointer(layoutJson(text), pointer);
    return comparedWith === undefined
      ? marked
      : markChanges(marked, layoutJson(comparedWith));
  }, [text, pointer, comparedWith]);
  const isLong = lines.length > SHOWN_LINES && !isWhole;
  const marked = lines.findIndex(({ mark }) => mark !== undefined);
  const first = isLong ? Math.max(0, marked - LINES_BEFORE_MARK) : 0;
  const shown = isLong ? lines.slice(first, first + SHOWN_LINES) : lines;
  return (
    <>
      {/* It scrolls by itself, so the keyboard must be able to reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.text} aria-label={label} role="group" tabIndex={0}>
        {first > 0 && <span className={styles.left}>…{'\n'}</span>}
        {shown.map(line => (
          <span key={line.key}>
            <Line line={line} />
            {'\n'}
          </span>
        ))}
        {first + shown.length < lines.length && (
          <span className={styles.left}>…</span>
        )}
      </pre>
      {isLong && (
        <Button variant="tertiary" size="small" onPress={() => setWhole(true)}>
          {`Show all ${formatCountOf(lines.length, 'line')}`}
        </Button>
      )}
    </>
  );
}
