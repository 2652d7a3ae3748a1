import { Flex, Text } from '@backstage/ui';
import { type ReactNode, useId } from 'react';
import styles from './Operations.module.css';

/** A part of the page that can be jumped to. */
export function Section(props: {
  id: string;
  title: string;
  /** What it says, in words, before the table. */
  answer?: ReactNode;
  children?: ReactNode;
}) {
  const { id, title, answer, children } = props;
  const headingId = useId();
  return (
    <section id={id} aria-labelledby={headingId} className={styles.section}>
      <Flex direction="column" gap="3">
        <Text
          as="h3"
          id={headingId}
          tabIndex={-1}
          variant="title-x-small"
          weight="bold"
        >
          {title}
        </Text>
        {answer && (
          <Text as="p" color="secondary">
            {answer}
          </Text>
        )}
        {children}
      </Flex>
    </section>
  );
}

/** Scrolls to a section and puts the focus on its heading. */
export function jumpTo(id: string): void {
  const section = document.getElementById(id);
  section?.scrollIntoView?.({ block: 'start' });
  section?.querySelector('h3')?.focus({ preventScroll: true });
}
