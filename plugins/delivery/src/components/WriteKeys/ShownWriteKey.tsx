import { Alert } from '@backstage/ui';
import { CopyText } from '@millrace/plugin-data-platform-react';

/** A write key in clear, the one time it is seen. */
export function ShownWriteKey(props: { writeKey: string }) {
  const { writeKey } = props;
  return (
    <Alert
      role="status"
      status="success"
      icon
      title="This is the write key. It is shown this one time: keep it where your producer reads its secrets."
      description={<CopyText text={writeKey} what="write key" />}
    />
  );
}
