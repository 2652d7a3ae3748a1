import { Text } from '@backstage/ui';
import type { ReactNode } from 'react';
import { Logo } from '../../components/Logo';
import styles from './SignIn.module.css';

/** The page around whatever sign-in has to say. */
export function SignInFrame(props: {
  title: string;
  description: ReactNode;
  children?: ReactNode;
}) {
  const { title, description, children } = props;
  return (
    <main className={styles.frame}>
      <Logo size={40} />
      <Text as="h1" variant="title-medium" weight="bold">
        {title}
      </Text>
      <Text as="div" variant="body-large" className={styles.description}>
        {description}
      </Text>
      {children}
    </main>
  );
}
