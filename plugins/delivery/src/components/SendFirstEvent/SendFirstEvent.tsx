import { CodeSnippet } from '@backstage/core-components';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  Alert,
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
import type { WriteKeyKind } from '@millrace/plugin-delivery-common';
import { useMemo, useState } from 'react';
import { useEventTypeDelivery } from '../../hooks';
import { TestEvents } from '../FirstEvent';
import { exampleData } from './exampleData';
import { missingForSegment } from './segmentShape';
import { randomUuid } from './randomUuid';
import { SNIPPETS, type SnippetId } from './snippets';
import { useEventSchema } from './useEventSchema';
import styles from './SendFirstEvent.module.css';
import { WriteKeyButton } from './WriteKeyButton';

/** Only the heading changes; the steps above are watched by their own card. */
const REFRESH_INTERVAL_MS = 10_000;

const PLACEHOLDERS: Record<WriteKeyKind, string> = {
  server: 'YOUR_WRITE_KEY',
  browser: 'YOUR_BROWSER_KEY',
};

/** How to send the first event, ready to be pasted. */
export function SendFirstEvent() {
  const { entity } = useEntity();
  const { name } = entity.metadata;
  const entityHref = useEntityRefLink()(stringifyEntityRef(entity));
  const { value, error, reload } = useEventTypeDelivery(name, {
    intervalMs: REFRESH_INTERVAL_MS,
  });
  const { isLoading, schema } = useEventSchema(name);
  const [snippetId, setSnippetId] = useState<SnippetId>('curl');
  // One per kind: the key of a server must never end up in a page.
  const [writeKeys, setWriteKeys] = useState<
    Partial<Record<WriteKeyKind, string>>
  >({});
  // Of this visit: the example must not change while it is being copied.
  const [eventId] = useState(() => randomUuid());
  const data = useMemo(() => exampleData(schema, new Date()), [schema]);
  const missing = useMemo(() => missingForSegment(schema), [schema]);

  const gatewayUrl = value?.status.gatewayUrl;
  const isReceiving = value?.row.conditions.some(
    ({ type, reached }) => type === 'Receiving' && reached,
  );
  const options = gatewayUrl && {
    gatewayUrl,
    eventType: name,
    eventId,
    data,
  };
  const { keyKind } =
    SNIPPETS.find(({ id }) => id === snippetId) ?? SNIPPETS[0];

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
          <TestEvents
            name={name}
            entityHref={entityHref}
            example={isLoading ? undefined : JSON.stringify(data, undefined, 2)}
          />
          <Text as="h3" variant="body-medium" weight="bold">
            From your own program
          </Text>
          <WriteKeyButton
            key={keyKind}
            eventType={name}
            kind={keyKind}
            writeKey={writeKeys[keyKind]}
            onCreated={created =>
              setWriteKeys(current => ({ ...current, [keyKind]: created }))
            }
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
            <Tabs
              selectedKey={snippetId}
              onSelectionChange={key => {
                const chosen = SNIPPETS.find(({ id }) => id === key);
                if (chosen) {
                  setSnippetId(chosen.id);
                }
              }}
            >
              <TabList aria-label="How to send">
                {SNIPPETS.map(({ id, title }) => (
                  <Tab key={id} id={id}>
                    {title}
                  </Tab>
                ))}
              </TabList>
              {SNIPPETS.map(({ id, keyKind: kind, language, note, write }) => (
                <TabPanel key={id} id={id}>
                  <Flex direction="column" gap="3">
                    {note && (
                      <Text as="p" color="secondary">
                        {note}
                      </Text>
                    )}
                    {id === 'segment' && missing.length > 0 && (
                      <Alert
                        status="warning"
                        icon
                        title="The gateway would refuse what this client sends as this event type"
                        description={`It has no field ${missing.join(
                          ', ',
                        )}. Register an event type with the fields event, userId, properties and context for it.`}
                      />
                    )}
                    <div className={styles.snippet}>
                      <CodeSnippet
                        language={language}
                        text={write({
                          ...options,
                          writeKey: writeKeys[kind] ?? PLACEHOLDERS[kind],
                        })}
                        showCopyCodeButton
                      />
                    </div>
                  </Flex>
                </TabPanel>
              ))}
            </Tabs>
          )}
        </Flex>
      </CardBody>
    </Card>
  );
}
