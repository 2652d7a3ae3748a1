import { Flex, Text } from '@backstage/ui';
import type { EventType } from '@millrace/plugin-event-types-common';
import { Snippet } from '../YamlText';
import styles from './CodeContent.module.css';
import { pathInRepository } from './pathInRepository';
import { catalogLocation, lintWorkflow } from './snippets';

/** How to keep a declaration in a repository, step by step. */
export function RepositorySteps(props: {
  eventType: EventType;
  fileName: string;
}) {
  const { eventType, fileName } = props;
  const { origin, owner, orphanedAt, location } = eventType;
  const path = (location && pathInRepository(location)) ?? `events/${fileName}`;
  const isInRepository = origin === 'catalog' && !orphanedAt;
  return (
    <section aria-labelledby="repository-steps">
      <Flex direction="column" gap="3">
        <Text
          as="h3"
          id="repository-steps"
          variant="title-x-small"
          weight="bold"
        >
          {isInRepository
            ? 'Check it in a pipeline'
            : 'Keep it in a repository'}
        </Text>
        {isInRepository ? (
          <PipelineStep path={path} />
        ) : (
          <ol className={styles.steps}>
            <li>
              <Text as="p">
                Save the file beside the code that sends the event, as{' '}
                <code>{path}</code>.
              </Text>
            </li>
            <li>
              <PipelineStep path={path} />
            </li>
            <li>
              <Text as="p">
                Have the catalog read it: register its address as a location, in
                the configuration of the portal or in a <code>Location</code>{' '}
                the catalog reads already.
              </Text>
              <Snippet what="location" text={catalogLocation(path)} />
            </li>
            <li>
              <Text as="p">
                {orphanedAt
                  ? 'When the catalog finds it again, the mark goes, and the file owns the event type as before.'
                  : `With the next reading the file takes the event type over, if it names the owner ${owner} and its schema is compatible. Nothing else changes, no event is touched, and it is audited. From then on it is changed in its file, and read-only here.`}
              </Text>
              <Text as="p" color="secondary">
                A file that does not fit changes nothing: what is wrong with it
                is shown on this page. A file that goes away deletes nothing:
                after some minutes the event type is marked as orphaned, and
                delivers on.
              </Text>
            </li>
          </ol>
        )}
      </Flex>
    </section>
  );
}

function PipelineStep({ path }: { path: string }) {
  return (
    <>
      <Text as="p">
        Check each change by the rules of the portal before it is merged. For
        GitHub Actions; elsewhere <code>npx millrace lint {path}</code> does the
        same.
      </Text>
      <Snippet what="workflow" text={lintWorkflow(path)} />
    </>
  );
}
