import { Button, Flex, Text } from '@backstage/ui';
import { RiFileCopyLine } from '@remixicon/react';
import { useCopy } from './useCopy';
import styles from './YamlText.module.css';

/** Some lines to take elsewhere. What it is labels the box and its button. */
export function Snippet(props: { text: string; what: string }) {
  const { text, what } = props;
  const { textRef, said, copy } = useCopy(text, what);
  return (
    <Flex direction="column" gap="2">
      <div
        className={styles.snippet}
        role="region"
        aria-label={`The ${what}`}
        // It scrolls sideways, and the arrow keys have to reach it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <pre ref={textRef}>{text}</pre>
      </div>
      <Flex align="center" gap="3">
        <Button
          variant="secondary"
          iconStart={<RiFileCopyLine />}
          onPress={copy}
        >
          {`Copy the ${what}`}
        </Button>
        <span role="status">
          <Text color="secondary" variant="body-small">
            {said}
          </Text>
        </span>
      </Flex>
    </Flex>
  );
}
