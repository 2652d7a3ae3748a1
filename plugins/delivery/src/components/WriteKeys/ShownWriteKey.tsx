import { CopyTextButton } from '@backstage/core-components';
import { Alert, Flex } from '@backstage/ui';
import styles from './WriteKeys.module.css';

/** A write key in clear, the one time it is seen. */
export function ShownWriteKey(props: { writeKey: string }) {
  const { writeKey } = props;
  return (
    <Alert
      role="status"
      status="success"
      icon
      title="This is the write key. It is shown this one time: keep it where your producer reads its secrets."
      description={
        <Flex align="center" gap="2">
          <code className={styles.secret}>{writeKey}</code>
          <CopyTextButton
            text={writeKey}
            tooltipText="Copied"
            aria-label="Copy the write key"
          />
        </Flex>
      }
    />
  );
}
