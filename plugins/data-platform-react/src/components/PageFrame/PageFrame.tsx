import { configApiRef, useApi } from '@backstage/frontend-plugin-api';
import { Container, Flex, Text } from '@backstage/ui';
import { type ReactNode, useEffect } from 'react';
import { Answer } from '../Answer';
import type { Status } from '../StatusBadge';
import styles from './PageFrame.module.css';

/**
 * A page answers one question, in this order: the question, the answer in words,
 * the numbers that carry it, the picture, and what it is made of (most often a
 * table) as `children`. docs/design-language.md has the rules.
 *
 * @public
 */
export function PageFrame(props: {
  /** For the title of the browser tab. */
  title: string;
  /** What the page answers, as somebody would ask it. */
  question?: string;
  /** The answer in words; left out while it is not known. */
  answer?: ReactNode;
  /** How it is, where the answer is about something that can be well or not. */
  status?: Status;
  /** What belongs to the answer and need not be read first. */
  detail?: ReactNode;
  /**
   * What limits the answer: that it could not be refreshed, or what is broken
   * behind it. Directly below it, before anything that may be out of date.
   */
  notices?: ReactNode;
  /** Buttons beside the answer. */
  actions?: ReactNode;
  /** A `StatLine`. */
  stats?: ReactNode;
  /** A chart, or more of them beside each other. */
  picture?: ReactNode;
  children?: ReactNode;
}) {
  const { title, question, answer, status, detail, actions } = props;
  const { notices, stats, picture, children } = props;
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
            <div>
              {question && (
                <Text as="p" color="secondary" variant="body-small">
                  {question}
                </Text>
              )}
              <Answer status={status} detail={detail}>
                {answer}
              </Answer>
            </div>
            {actions && <div className={styles.actions}>{actions}</div>}
          </div>
          {notices}
          {stats}
          {picture && <div className={styles.picture}>{picture}</div>}
          {children}
        </Flex>
      </Container>
    </main>
  );
}
