import { Alert } from '@backstage/ui';
import styles from './WriteKeys.module.css';

/** What a browser key is and is not: everybody who opens the page has it. */
export function BrowserKeyNote() {
  return (
    <Alert
      status="info"
      icon
      title="A browser key is public"
      description={
        <ul className={styles.notes}>
          <li>Whoever opens your page or app can read it. That is expected.</li>
          <li>It can only write, and only the event types it names.</li>
          <li>
            Its rate is limited, in all and per address, so that a stranger with
            it cannot crowd out your services.
          </li>
          <li>
            Treat what arrives with it as claims of a stranger, and never put
            the key of a server into a page.
          </li>
        </ul>
      }
    />
  );
}
