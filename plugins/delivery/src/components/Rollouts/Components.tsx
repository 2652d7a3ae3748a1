import {
  PlainTable,
  StatusBadge,
  formatAge,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { RolloutComponent } from '@millrace/plugin-delivery-common';
import { Section } from '../Operations/Section';
import { standingOf } from './describeRollouts';

const COLUMNS = [
  { id: 'name', label: 'Name' },
  { id: 'kind', label: 'Part' },
  { id: 'standing', label: 'Standing' },
  { id: 'generation', label: 'Generation' },
  { id: 'since', label: 'Since' },
  { id: 'heard', label: 'Last heard' },
];

/** What each part runs, and what lags. */
export function Components(props: {
  components: RolloutComponent[];
  now: Date;
}) {
  const { components, now } = props;
  return (
    <Section
      id="components"
      title="What runs where"
      answer="The portal that answers, and the gateways and workers that were heard of in the last hour."
    >
      <PlainTable caption="Parts and their generation" columns={COLUMNS}>
        {components.map(component => {
          const { kind, name, generation, since, heartbeatAt } = component;
          const { status, word } = standingOf(component);
          return (
            <tr key={`${kind} ${name}`}>
              <th scope="row">{name}</th>
              <td>{kind}</td>
              <td>
                <StatusBadge status={status}>{word}</StatusBadge>
              </td>
              <td>{generation ?? 'none yet'}</td>
              <td>
                {since && (
                  <time dateTime={since}>{formatUtcDateTime(since)}</time>
                )}
              </td>
              <td>{heartbeatAt && formatAge(heartbeatAt, now)}</td>
            </tr>
          );
        })}
      </PlainTable>
    </Section>
  );
}
