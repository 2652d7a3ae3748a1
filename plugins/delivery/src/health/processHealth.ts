import type { DeliveryStatus } from '@millrace/plugin-delivery-common';

/** What is wrong with the processes of the data plane, one sentence each. */
export function processProblems(status: DeliveryStatus): string[] {
  const problems: string[] = [];
  if (!status.ledger.isReachable) {
    problems.push(
      'The ledger does not answer: gateways go on accepting, but nothing is sealed until it is back.',
    );
  }
  for (const { role, state } of status.processes) {
    if (state === 'backing-off') {
      problems.push(`The ${role} ended and is started again shortly.`);
    } else if (state === 'stopped') {
      problems.push(`The ${role} is stopped.`);
    }
  }
  if (status.ledger.isReachable && !isStarting(status)) {
    if (!status.gateways.some(({ alive }) => alive)) {
      problems.push('No gateway is alive: events cannot be accepted.');
    }
    if (!status.workers.some(({ alive }) => alive)) {
      problems.push('No worker is alive: nothing is consumed or sealed.');
    }
  }
  if (status.reconciler.message) {
    problems.push(
      `Declarations are not being carried out: ${status.reconciler.message}`,
    );
  }
  return problems;
}

/** Whether the data plane is still coming up. */
export function isStarting(status: DeliveryStatus): boolean {
  return status.processes.some(({ state }) => state === 'starting');
}
