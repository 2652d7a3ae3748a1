import type {
  DeliveryStatus,
  GatewayStatus,
  ProcessState,
} from '@millrace/plugin-delivery-common';
import { Card, CardBody, CardHeader, Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  type Status,
  StatusBadge,
  formatAge,
  formatCountOf,
  formatDuration,
  formatUtcTime,
} from '@millrace/plugin-data-platform-react';

const COLUMNS = [
  { id: 'process', label: 'Process' },
  { id: 'state', label: 'State' },
  { id: 'pid', label: 'Process id', isNumeric: true },
  { id: 'uptime', label: 'Up for', isNumeric: true },
  { id: 'restarts', label: 'Restarts', isNumeric: true },
  { id: 'report', label: 'Reports' },
];

const GATEWAY_COLUMNS = [
  { id: 'gateway', label: 'Gateway' },
  { id: 'config', label: 'Runs' },
  { id: 'heard', label: 'Last heard' },
  { id: 'url', label: 'Address' },
];

const STATES: Record<ProcessState['state'], { status: Status; word: string }> =
  {
    starting: { status: 'waiting', word: 'starting' },
    running: { status: 'good', word: 'running' },
    'backing-off': { status: 'bad', word: 'starts again soon' },
    stopped: { status: 'attention', word: 'stopped' },
  };

/** A gateway looks for a newer config every second; this is no slow answer. */
const STALE_AFTER_MS = 30_000;

/** Which config a gateway runs, and since when it may be an old one. */
function describeConfig(
  { generation, snapshotCheckedAt, heartbeatAt }: GatewayStatus,
  status: DeliveryStatus,
): string {
  if (generation === undefined) {
    return 'no config snapshot yet';
  }
  const isBehind =
    status.generation !== undefined && generation < status.generation;
  const isStale =
    snapshotCheckedAt !== undefined &&
    Date.parse(heartbeatAt) - Date.parse(snapshotCheckedAt) > STALE_AFTER_MS;
  return [
    `config generation ${generation}`,
    isBehind && `newest is ${status.generation}`,
    isStale && `stale as of ${formatUtcTime(snapshotCheckedAt)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** What the process itself says, over the ledger and not its parent. */
function reportOf(
  role: ProcessState['role'],
  status: DeliveryStatus,
  now: Date,
): string {
  if (role === 'gateway') {
    const gateway = status.gateways.find(({ alive }) => alive);
    return gateway
      ? `${describeConfig(gateway, status)}; last heard ${formatAge(
          gateway.heartbeatAt,
          now,
        )}`
      : '';
  }
  if (role === 'worker') {
    const worker = status.workers.find(({ alive }) => alive);
    return worker ? `last heard ${formatAge(worker.heartbeatAt, now)}` : '';
  }
  return '';
}

function lastExitOf(process: ProcessState, now: Date): string {
  const { lastExit } = process;
  if (!lastExit) {
    return '';
  }
  const how = lastExit.signal ?? `code ${lastExit.code ?? 'unknown'}`;
  return `last ended ${formatAge(lastExit.at, now)} (${how})`;
}

/** The gateways that are alive, each with the config it runs. */
function Gateways(props: { status: DeliveryStatus; now: Date }) {
  const { status, now } = props;
  return (
    <PlainTable caption="Gateways" isCaptionVisible columns={GATEWAY_COLUMNS}>
      {status.gateways
        .filter(({ alive }) => alive)
        .map(gateway => (
          <tr key={`${gateway.gateway} ${gateway.epoch}`}>
            <th scope="row">{gateway.gateway}</th>
            <td>{describeConfig(gateway, status)}</td>
            <td>{formatAge(gateway.heartbeatAt, now)}</td>
            <td>{gateway.url}</td>
          </tr>
        ))}
    </PlainTable>
  );
}

/** Processes elsewhere are known by their reports alone. */
function ExternalProcesses({ status }: { status: DeliveryStatus }) {
  const alive = (list: { alive: boolean }[]) =>
    list.filter(item => item.alive).length;
  return (
    <Text as="p">
      Delivery runs outside the portal:{' '}
      {formatCountOf(alive(status.gateways), 'gateway')} and{' '}
      {formatCountOf(alive(status.workers), 'worker')} alive
      {status.generation !== undefined &&
        `; config generation ${status.generation}`}
      .
    </Text>
  );
}

/** The processes of the data plane. */
export function ProcessesCard(props: { status: DeliveryStatus; now: Date }) {
  const { status, now } = props;
  const gateways = status.gateways.filter(({ alive }) => alive).length;
  // The row of the process says it all while it is the only one.
  const isListed = gateways > (status.mode === 'external' ? 0 : 1);
  return (
    <Card>
      <CardHeader>
        <Text as="h3" variant="title-x-small" weight="bold">
          Processes
        </Text>
      </CardHeader>
      <CardBody>
        {status.mode === 'external' ? (
          <ExternalProcesses status={status} />
        ) : (
          <PlainTable caption="Processes of delivery" columns={COLUMNS}>
            {status.processes.map(process => {
              const { role, state, pid, startedAt, restarts } = process;
              const { status: badge, word } = STATES[state];
              return (
                <tr key={role}>
                  <th scope="row">{role}</th>
                  <td>
                    <StatusBadge status={badge}>{word}</StatusBadge>
                  </td>
                  <NumericCell>{pid}</NumericCell>
                  <NumericCell>
                    {startedAt &&
                      state === 'running' &&
                      formatDuration(
                        Math.max(0, now.getTime() - Date.parse(startedAt)),
                      )}
                  </NumericCell>
                  <NumericCell>{restarts}</NumericCell>
                  <td>
                    {[reportOf(role, status, now), lastExitOf(process, now)]
                      .filter(Boolean)
                      .join('; ')}
                  </td>
                </tr>
              );
            })}
          </PlainTable>
        )}
        {isListed && <Gateways status={status} now={now} />}
      </CardBody>
    </Card>
  );
}
