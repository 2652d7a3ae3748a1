import { CodeSnippet } from '@backstage/core-components';
import { useEntity } from '@backstage/plugin-catalog-react';
import {
  Card,
  CardBody,
  CardHeader,
  Flex,
  Skeleton,
  Tab,
  TabList,
  TabPanel,
  Tabs,
  Text,
} from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import { useMemo, useState } from 'react';
import { useEventTypeDelivery } from '../../hooks';
import { exampleData } from './exampleData';
import { randomUuid } from './randomUuid';
import { curlSnippet, sdkSnippet } from './snippets';
import { useEventSchema } from './useEventSchema';
import styles from './SendFirstEvent.module.css';
import { WriteKeyButton } from './WriteKeyButton';

const PLACEHOLDER = 'YOUR_WRITE_KEY';

/** How to send the first event, ready to be pasted. */
export function SendFirstEvent() {
  const { entity } = useEntity();
  const { name } = entity.metadata;
  const { value, error, reload } = useEventTypeDelivery(name);
  const { isLoading, schema } = useEventSchema(name);
  const [writeKey, setWriteKey] = useState<string>();
  // Of this visit: the example must not change while it is being copied.
  const [eventId] = useState(() => randomUuid());
  const data = useMemo(() => exampleData(schema, new Date()), [schema]);

  const gatewayUrl = value?.status.gatewayUrl;
  const isReceiving = value?.row.conditions.some(
    ({ type, reached }) => type === 'Receiving' && reached,
  );
  const options = gatewayUrl && {
    gatewayUrl,
    writeKey: writeKey ?? PLACEHOLDER,
    eventType: name,
    eventId,
    data,
  };

  return (
    <Card>
      <CardHeader>
        <Text as="h2" variant="title-x-small" weight="bold">
          {isReceiving ? 'Send an event' : 'Send your first event'}
        </Text>
      </CardHeader>
      <CardBody>
        <Flex direction="column" gap="4">
          <Text as="p">
            The gateway answers with a verdict per event. Accepted means it is
            stored for good; refused events are kept and shown with the reason.
            Sent again with the same id, it counts as a duplicate.
          </Text>
          <WriteKeyButton
            eventType={name}
            writeKey={writeKey}
            onCreated={setWriteKey}
          />
          {error && !value && (
            <ProblemPanel
              what="The address of the gateway is not known."
              error={error}
              onRetry={reload}
            />
          )}
          {isLoading && <Skeleton width="100%" height={200} />}
          {options && !isLoading && (
            <Tabs>
              <TabList aria-label="How to send">
                <Tab id="curl">curl</Tab>
                <Tab id="sdk">SDK</Tab>
              </TabList>
              <TabPanel id="curl">
                <div className={styles.snippet}>
                  <CodeSnippet
                    language="bash"
                    text={curlSnippet(options)}
                    showCopyCodeButton
                  />
                </div>
              </TabPanel>
              <TabPanel id="sdk">
                <div className={styles.snippet}>
                  <CodeSnippet
                    language="typescript"
                    text={sdkSnippet(options)}
                    showCopyCodeButton
                  />
                </div>
              </TabPanel>
            </Tabs>
          )}
        </Flex>
      </CardBody>
    </Card>
  );
}
