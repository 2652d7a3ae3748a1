import {
  EmptyState,
  NumericCell,
  PlainTable,
  StatusBadge,
  formatAge,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type { ProcessLine } from '@millrace/plugin-delivery-common';
import { PROCESS_STATE } from './describeOperations';
import { Section } from './Section';

const COLUMNS = [
  { id: 'name', label: 'Name' },
  { id: 'role', label: 'Role' },
  { id: 'state', label: 'State' },
  { id: 'heard', label: 'Last heard' },
  { id: 'started', label: 'Started' },
  { id: 'generation', label: 'Config generation' },
  { id: 'types', label: 'Consumes', isNumeric: true },
  { id: 'draining', label: 'Draining', isNumeric: true },
];

function generationOf(line: ProcessLine, newest: number | undefined): string {
  const { generation, isBehind } = line;
  if (generation === undefined) {
    return line.state === 'alive' ? 'none yet' : '';
  }
  return isBehind && newest !== undefined
    ? `${generation}, the newest is ${newest}`
    : String(generation);
}

/** Who is at work: gateways and workers of the last hour. */
export function Processes(props: {
  processes: ProcessLine[];
  generation?: number;
  now: Date;
}) {
  const { processes, generation, now } = props;
  return (
    <Section
      id="processes"
      title="Workers and gateways"
      answer="Those that were heard of in the last hour."
    >
      {processes.length === 0 ? (
        <EmptyState
          title="Nobody has reported"
          description="No gateway and no worker was heard of in the last hour. Start one of each."
        />
      ) : (
        <PlainTable caption="Workers and gateways" columns={COLUMNS}>
          {processes.map(line => {
            const { role, name, startedAt, state } = line;
            return (
              <tr key={`${role} ${name} ${startedAt}`}>
                <th scope="row">{name}</th>
                <td>{role}</td>
                <td>
                  <StatusBadge status={PROCESS_STATE[state].status}>
                    {PROCESS_STATE[state].word}
                  </StatusBadge>
                </td>
                <td>{formatAge(line.heartbeatAt, now)}</td>
                <td>{formatAge(startedAt, now)}</td>
                <td>{generationOf(line, generation)}</td>
                <NumericCell>
                  {line.eventTypes !== undefined &&
                    formatCount(line.eventTypes)}
                </NumericCell>
                <NumericCell>
                  {line.draining !== undefined && formatCount(line.draining)}
                </NumericCell>
              </tr>
            );
          })}
        </PlainTable>
      )}
    </Section>
  );
}
