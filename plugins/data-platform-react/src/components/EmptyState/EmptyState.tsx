import { Flex, Text } from '@backstage/ui';
import type { ReactNode } from 'react';
import styles from './EmptyState.module.css';

/**
 * Says that there is nothing, why, and what to do about it.
 *
 * @public
 */
export function EmptyState(props: {
  title: string;
  description: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}) {
  const { title, description, action, icon } = props;
  return (
    <Flex direction="column" align="center" gap="3" className={styles.root}>
      {icon && <span aria-hidden="true">{icon}</span>}
      <Text as="h2" variant="title-x-small" weight="bold">
        {title}
      </Text>
      <Text as="div" color="secondary" className={styles.description}>
        {description}
      </Text>
      {action}
    </Flex>
  );
}
