import { Alert, ButtonLink } from '@backstage/ui';
import type { EventType } from '@millrace/plugin-event-types-common';
import { locationHref } from './locationHref';
import styles from './OverviewCard.module.css';

/** Says of an event type that a repository owns where it is changed. */
export function DeclaredElsewhere(props: { eventType: EventType }) {
  const { name, location } = props.eventType;
  const href = location && locationHref(location);
  return (
    <Alert
      status="info"
      icon
      title={`${name} is declared as code, and is changed there`}
      description={
        <>
          What its file says is taken in within seconds of the catalog reading
          it.
          {location && (
            <>
              {' '}
              The file: <span className={styles.location}>{location}</span>
            </>
          )}
        </>
      }
      customActions={
        href && (
          <ButtonLink
            href={href}
            target="_blank"
            rel="noopener noreferrer"
            variant="secondary"
          >
            Open the file
          </ButtonLink>
        )
      }
    />
  );
}
