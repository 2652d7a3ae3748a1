import { ButtonIcon } from '@backstage/ui';
import { RiCheckLine, RiFileCopyLine } from '@remixicon/react';
import { useEffect, useRef, useState } from 'react';
import styles from './CopyText.module.css';

const SHOWS_COPIED_MS = 2000;

/**
 * A text people take elsewhere (an id, a hash, a path), with a button that
 * copies it. Where the browser allows no copying (a page over plain HTTP on
 * another machine), the text is selected instead, ready for the keyboard.
 *
 * @public
 */
export function CopyText(props: {
  text: string;
  /** What it is, for the label of the button: `key id`. */
  what: string;
}) {
  const { text, what } = props;
  const textRef = useRef<HTMLElement>(null);
  const [outcome, setOutcome] = useState<'copied' | 'selected'>();

  useEffect(() => {
    if (!outcome) {
      return undefined;
    }
    const timer = setTimeout(() => setOutcome(undefined), SHOWS_COPIED_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      if (textRef.current) {
        window.getSelection()?.selectAllChildren(textRef.current);
      }
      setOutcome('selected');
    }
  };

  return (
    <span className={styles.root}>
      <code ref={textRef} className={styles.text}>
        {text}
      </code>
      <ButtonIcon
        size="small"
        variant="tertiary"
        aria-label={`Copy the ${what}`}
        icon={outcome === 'copied' ? <RiCheckLine /> : <RiFileCopyLine />}
        onPress={copy}
      />
      <span role="status" className={styles.said}>
        {outcome === 'copied' && `The ${what} is copied.`}
        {outcome === 'selected' &&
          `The ${what} is selected: copy it with your keyboard.`}
      </span>
    </span>
  );
}
