import { Link } from '@backstage/ui';
import {
  Answer,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { EventType } from '@millrace/plugin-event-types-common';
import { locationHref } from '../OverviewCard/locationHref';

/** Where an event type is declared, as a sentence. */
export function DeclaredBy({ eventType }: { eventType: EventType }) {
  const { origin, location, orphanedAt, adoptedAt, declarationProblems } =
    eventType;
  const since = adoptedAt ? ` since ${formatUtcDateTime(adoptedAt)}` : '';
  if (origin === 'portal') {
    return (
      <Answer
        detail={`It is changed here${since}, and a file can take it over. Until then the file below says the same and decides nothing.`}
      >
        Declared in the portal
      </Answer>
    );
  }
  const file = <Location location={location} />;
  if (orphanedAt) {
    return (
      <Answer
        status="attention"
        detail={
          <>
            It was declared by {file}, which the catalog finds no more. Events
            are taken and delivered as before. Bring the file back, or take the
            event type over by importing its declaration below.
          </>
        }
      >
        Orphaned since {formatUtcDateTime(orphanedAt)}
      </Answer>
    );
  }
  const isRefused = Boolean(declarationProblems?.length);
  return (
    <Answer
      status={isRefused ? 'attention' : undefined}
      detail={
        <>
          {file}
          <br />
          {isRefused
            ? 'What it says now was refused, as told below; the declaration before it stays in force. Correct it in its file.'
            : `It is changed in its file${since}; here it is read-only.`}
        </>
      }
    >
      Declared by {location?.split('/').at(-1) || 'a file of the catalog'}
    </Answer>
  );
}

function Location({ location }: { location: string | undefined }) {
  const href = location && locationHref(location);
  if (!location || !href) {
    return <>{location ?? 'a file of the catalog'}</>;
  }
  return (
    <Link href={href} target="_blank" rel="noopener noreferrer">
      {location.slice('url:'.length)}
    </Link>
  );
}
