import { Button, Flex, Text } from '@backstage/ui';
import {
  formatBytes,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import { RiDownloadLine, RiFileCopyLine } from '@remixicon/react';
import { useMemo, useRef, useState } from 'react';
import { saveFile } from './saveFile';
import styles from './YamlText.module.css';

/**
 * A long text to read, copy or save, as text and nothing else. It scrolls in a
 * box of its own, which takes the focus so that the arrow keys scroll it.
 */
export function YamlText(props: {
  text: string;
  /** What it is, for the labels of the buttons: `declaration`. */
  what: string;
  fileName: string;
}) {
  const { text, what, fileName } = props;
  const textRef = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState('');
  const { numbers, size } = useMemo(() => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    return {
      numbers: Array.from({ length: lines }, (_, index) => index + 1).join(
        '\n',
      ),
      size: `${formatCountOf(lines, 'line')}, ${formatBytes(
        new TextEncoder().encode(text).length,
      )}`,
    };
  }, [text]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(`The ${what} is copied.`);
    } catch {
      // A page over plain HTTP may not copy; the keyboard can.
      if (textRef.current) {
        window.getSelection()?.selectAllChildren(textRef.current);
      }
      setSaid(`The ${what} is selected: copy it with your keyboard.`);
    }
  };

  return (
    <Flex direction="column" gap="3">
      <div className={styles.bar}>
        <Text color="secondary" variant="body-small">
          {fileName}: {size}
        </Text>
        <Flex align="center" gap="3">
          <span role="status">
            <Text color="secondary" variant="body-small">
              {said}
            </Text>
          </span>
          <Button
            variant="secondary"
            iconStart={<RiFileCopyLine />}
            onPress={copy}
          >
            {`Copy the ${what}`}
          </Button>
          <Button
            variant="secondary"
            iconStart={<RiDownloadLine />}
            onPress={() => saveFile(fileName, text)}
          >
            {`Download ${fileName}`}
          </Button>
        </Flex>
      </div>
      <div
        className={styles.box}
        role="region"
        aria-label={`The ${what} as YAML`}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <pre className={styles.numbers} aria-hidden="true">
          {numbers}
        </pre>
        <pre ref={textRef}>{text}</pre>
      </div>
    </Flex>
  );
}
