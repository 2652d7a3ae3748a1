import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import {
  EmptyState,
  EntityLink,
  formatCount,
  formatUtcDateTime,
  Pager,
  PlainTable,
  StatusBadge,
} from '@millrace/plugin-data-platform-react';
import type { Rollout, RolloutChange } from '@millrace/plugin-delivery-common';
import { Section } from '../Operations/Section';
import { summarizeChanges } from './describeRollouts';
import styles from './Rollouts.module.css';

/** Of one generation; a first registration changes thousands at once. */
const SHOWN_CHANGES = 5;

const COLUMNS = [
  { id: 'generation', label: 'Generation' },
  { id: 'published', label: 'Published' },
  { id: 'changes', label: 'What changed, and who asked for it' },
  { id: 'everywhere', label: 'Everywhere since' },
];

function Change({ eventType, what, actor }: RolloutChange) {
  const entityLink = useEntityRefLink();
  return (
    <li>
      {eventType && (
        <>
          <Link href={entityLink(`eventtype:default/${eventType}`)}>
            {eventType}
          </Link>
          {': '}
        </>
      )}
      {what}
      {/* A service is no entity that one could look at. */}
      {actor && (
        <>
          {', by '}
          {/^(user|group):/.test(actor) ? (
            <EntityLink entityRef={actor} href={entityLink(actor)} />
          ) : (
            actor
          )}
        </>
      )}
    </li>
  );
}

function Changes({ rollout }: { rollout: Rollout }) {
  const { changes, more } = summarizeChanges(rollout, SHOWN_CHANGES);
  if (rollout.changeCount === 0) {
    return <>Nothing that gateways or workers act by</>;
  }
  return (
    <ul className={styles.changes}>
      {changes.map(change => (
        <Change key={`${change.eventType} ${change.what}`} {...change} />
      ))}
      {more > 0 && <li>and {formatCount(more)} more</li>}
    </ul>
  );
}

/** Who changed what, newest first. */
export function Generations(props: {
  rollouts: Rollout[];
  onNewer?: () => void;
  onOlder?: () => void;
}) {
  const { rollouts, onNewer, onOlder } = props;
  return (
    <Section
      id="generations"
      title="Generations"
      answer="Every change that gateways and workers act by, newest first. The last 5,000 are kept."
    >
      {rollouts.length === 0 ? (
        <EmptyState
          title="No generation is kept here"
          description="The first one is published as soon as an event type is registered."
        />
      ) : (
        <PlainTable caption="Generations of the config" columns={COLUMNS}>
          {rollouts.map(rollout => {
            const { generation, publishedAt, everywhereAt } = rollout;
            return (
              <tr key={generation}>
                <th scope="row">{generation}</th>
                <td>
                  <time dateTime={publishedAt}>
                    {formatUtcDateTime(publishedAt)}
                  </time>
                </td>
                <td>
                  <Changes rollout={rollout} />
                </td>
                <td>
                  {everywhereAt ? (
                    <time dateTime={everywhereAt}>
                      {formatUtcDateTime(everywhereAt)}
                    </time>
                  ) : (
                    <StatusBadge status="waiting">On its way</StatusBadge>
                  )}
                </td>
              </tr>
            );
          })}
        </PlainTable>
      )}
      <Pager label="generations" onBack={onNewer} onOn={onOlder} />
    </Section>
  );
}
