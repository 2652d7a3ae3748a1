import { Card, CardBody, CardFooter, CardHeader, Text } from '@backstage/ui';
import type { DemoIdentity } from './demoIdentities';
import styles from './SignIn.module.css';

/** One card per identity: who it is and what it may do. */
export function IdentityPicker(props: {
  identities: DemoIdentity[];
  onChoose: (ref: string) => void;
}) {
  const { identities, onChoose } = props;
  return (
    <ul className={styles.cards}>
      {identities.map(({ ref, title, may }) => (
        <li key={ref}>
          <Card
            className={styles.card}
            label={`Sign in as ${title}`}
            onPress={() => onChoose(ref)}
          >
            <CardHeader>
              <Text as="h2" variant="title-x-small" weight="bold">
                {title}
              </Text>
            </CardHeader>
            <CardBody>
              <ul className={styles.may}>
                {may.map(sentence => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            </CardBody>
            <CardFooter>
              <Text
                as="span"
                variant="body-small"
                color="secondary"
                className={styles.ref}
              >
                {ref}
              </Text>
            </CardFooter>
          </Card>
        </li>
      ))}
    </ul>
  );
}
