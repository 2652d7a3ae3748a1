import type { OpenRemoval, RemovalStep } from '@millrace/ledger';
import type { RemovalWaitCode } from '../../errors';

/** What a removal does next. */
export type RemovalDecision =
  | { action: 'wait'; waiting: { code: RemovalWaitCode; message: string } }
  /** It is to be said from which config on gateways do not have it. */
  | { action: 'note-generation' }
  | { action: 'finish'; step: RemovalStep }
  | { action: 'nothing' };

/**
 * What a removal does next, by the facts alone. A step that was finished stays
 * finished.
 */
export function decideRemoval(removal: OpenRemoval): RemovalDecision {
  const { finished } = removal;
  if (!finished.gateways) {
    return untilGatewaysKnow(removal);
  }
  if (!finished.draining) {
    return removal.isDrained
      ? { action: 'finish', step: 'draining' }
      : wait(
          'draining',
          'The workers take what is left on its subscriptions. That takes a minute after the last gateway has stopped, and longer where much is left or no worker runs.',
        );
  }
  if (!finished.sealing) {
    return untilSealed(removal);
  }
  if (!finished.resources) {
    return { action: 'finish', step: 'resources' };
  }
  return finished.archiving
    ? { action: 'nothing' }
    : { action: 'finish', step: 'archiving' };
}

function untilGatewaysKnow(removal: OpenRemoval): RemovalDecision {
  const { isInConfig, generation, gatewaysBehind } = removal;
  if (isInConfig) {
    return wait(
      'still_in_config',
      'The gateways are told within seconds not to accept it any more.',
    );
  }
  if (generation === undefined) {
    return { action: 'note-generation' };
  }
  if (gatewaysBehind.length > 0) {
    return wait(
      'awaiting_gateways',
      `It may still be accepted by ${listed(
        gatewaysBehind,
      )}. Gateways follow within a second; one that has fallen silent counts for a day, unless it is started anew.`,
    );
  }
  return { action: 'finish', step: 'gateways' };
}

function untilSealed(removal: OpenRemoval): RemovalDecision {
  const { openPoison, unsealedEvents, sealingPartitions } = removal;
  if (openPoison > 0) {
    return wait(
      'messages_set_aside',
      `${counted(
        openPoison,
        'message of it was set aside',
        'messages of it were set aside',
      )} and would be lost. Have them tried again on the page of operations.`,
    );
  }
  if (unsealedEvents > 0 || sealingPartitions > 0) {
    return wait(
      'awaiting_sealing',
      unsealedEvents > 0
        ? `${counted(
            unsealedEvents,
            'accepted event waits',
            'accepted events wait',
          )} to be sealed, which happens when the bucket is over.`
        : 'Its last partition is being sealed.',
    );
  }
  return { action: 'finish', step: 'sealing' };
}

function wait(code: RemovalWaitCode, message: string): RemovalDecision {
  return { action: 'wait', waiting: { code, message } };
}

/** Names of gateways, the first few of many. */
function listed(names: string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
