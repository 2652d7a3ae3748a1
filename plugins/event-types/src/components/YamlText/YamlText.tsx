import { Button, Flex, Text } from '@backstage/ui';
import {
  formatBytes,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import { RiDownloadLine, RiFileCopyLine } from '@remixicon/react';
import { useMemo } from 'react';
import { saveFile } from './saveFile';
import { useCopy } from './useCopy';
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
  const { textRef, said, copy } = useCopy(text, what);
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
            aria-label={`Copy the ${what}`}
            onPress={copy}
          >
            Copy
          </Button>
          <Button
            variant="secondary"
            iconStart={<RiDownloadLine />}
            aria-label={`Download ${fileName}`}
            onPress={() => saveFile(fileName, text)}
          >
            Download
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
        <div className={styles.lines}>
          <pre className={styles.numbers} aria-hidden="true">
            {numbers}
          </pre>
          <pre ref={textRef}>{text}</pre>
        </div>
      </div>
    </Flex>
  );
}
