import { isError } from '@backstage/errors';

/**
 * The closed list of why a reconcile round could not be finished.
 *
 * - `event_types_unavailable`: the event types could not be listed.
 * - `broker_unavailable`: topics and subscriptions could not be looked at, or
 *   the refused topic could not be made sure of.
 * - `ledger_unavailable`: the config snapshot could not be published.
 */
export type RoundErrorCode =
  | 'event_types_unavailable'
  | 'broker_unavailable'
  | 'ledger_unavailable';

/**
 * What a failure says in one line. Error codes come first: the message of a
 * refused connection is empty when several addresses were tried.
 */
export function describeCause(cause: unknown): string {
  if (!isError(cause)) {
    return String(cause);
  }
  return [cause.code, cause.message].filter(Boolean).join(' ') || cause.name;
}

const SENTENCES: Record<RoundErrorCode, string> = {
  event_types_unavailable: 'The event types could not be listed',
  broker_unavailable: 'The broker could not be reached',
  ledger_unavailable: 'The ledger could not be reached',
};

/** A reconcile round broke off. It changed nothing it did not finish. */
export class RoundError extends Error {
  constructor(readonly code: RoundErrorCode, cause: unknown) {
    super(`${SENTENCES[code]}: ${describeCause(cause)}`, { cause });
    this.name = 'RoundError';
  }
}

/**
 * The closed list of why one event type is not provisioned.
 *
 * - `broker_refused`: the broker did not create its topic or subscription.
 * - `subscription_detached`: its topic was deleted under its subscription,
 *   which may still hold accepted events, so it is not replaced.
 * - `awaiting_gateways`: its topic was lost, and may come back only once no
 *   gateway publishes to it any more.
 */
export type ProvisioningProblemCode =
  | 'broker_refused'
  | 'subscription_detached'
  | 'awaiting_gateways';

/**
 * The closed list of what taking down an event type waits for.
 *
 * - `still_in_config`: the config snapshot has it until the next round.
 * - `awaiting_gateways`: a gateway may run a config that has it.
 * - `draining`: the workers take what is left on its subscriptions.
 * - `messages_set_aside`: messages of it wait to be tried again.
 * - `awaiting_sealing`: what was accepted is not in sealed partitions yet.
 * - `step_failed`: something did not answer; it is tried again.
 */
export type RemovalWaitCode =
  | 'still_in_config'
  | 'awaiting_gateways'
  | 'draining'
  | 'messages_set_aside'
  | 'awaiting_sealing'
  | 'step_failed';

export interface ProvisioningProblem {
  code: ProvisioningProblemCode;
  /** What is wrong and what to do. */
  message: string;
}
