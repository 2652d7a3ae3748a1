import {
  PlainTable,
  type Status,
  StatusBadge,
} from '@millrace/plugin-data-platform-react';
import type { ContractServiceLevel } from '@millrace/plugin-event-types-common';
import styles from './ContractContent.module.css';

const STATUS: Record<ContractServiceLevel['status'], Status> = {
  differs: 'attention',
  measured: 'good',
  'declared only': 'off',
};

const COLUMNS = [
  { id: 'property', label: 'Promise' },
  { id: 'value', label: 'Objective' },
  { id: 'status', label: 'State' },
  { id: 'why', label: 'Why' },
];

/** What is promised, and what becomes of it; what needs a look first. */
export function ServiceLevelsTable(props: {
  serviceLevels: ContractServiceLevel[];
}) {
  const order = Object.keys(STATUS);
  const levels = [...props.serviceLevels].sort(
    (a, b) => order.indexOf(a.status) - order.indexOf(b.status),
  );
  if (levels.length === 0) {
    return null;
  }
  return (
    <PlainTable caption="Service levels" isCaptionVisible columns={COLUMNS}>
      {levels.map(level => (
        <tr key={level.pointer}>
          <th scope="row">{level.property || 'without a name'}</th>
          <td className={styles.value}>{objectiveOf(level)}</td>
          <td>
            <StatusBadge status={STATUS[level.status]}>
              {level.status}
            </StatusBadge>
          </td>
          <td>{level.why}</td>
        </tr>
      ))}
    </PlainTable>
  );
}

function objectiveOf({ value, unit }: ContractServiceLevel): string {
  if (value === null || value === undefined) {
    return 'not said';
  }
  const words = typeof value === 'string' ? value : JSON.stringify(value);
  return unit ? `${words} ${unit}` : words;
}
