import { configApiRef, useApi } from '@backstage/frontend-plugin-api';
import { Container, Flex, Text } from '@backstage/ui';
import { type ReactNode, useEffect } from 'react';
import styles from './PageFrame.module.css';

/**
 * A page: one question, and the answer in its first line. The line is announced
 * when it changes, and only then, so that refreshing stays silent.
 *
 * @public
 */
export function PageFrame(props: {
  /** For the title of the browser tab. */
  title: string;
  /** The answer in words; left out while it is not known. */
  answer?: ReactNode;
  /** Buttons beside the answer. */
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { title, answer, actions, children } = props;
  const config = useApi(configApiRef);
  const appTitle = config.getOptionalString('app.title') ?? 'Millrace';

  useEffect(() => {
    const previous = document.title;
    document.title = `${title} | ${appTitle}`;
    return () => {
      document.title = previous;
    };
  }, [title, appTitle]);

  return (
    <main>
      <Container my="6">
        <Flex direction="column" gap="6">
          <div className={styles.top}>
            <div role="status">
              {answer && (
                <Text as="h2" variant="title-small" weight="bold">
                  {answer}
                </Text>
              )}
            </div>
            {actions && <div className={styles.actions}>{actions}</div>}
          </div>
          {children}
        </Flex>
      </Container>
    </main>
  );
}
