import { RequestError } from '../errors';
import { GatewaySnapshot } from '../snapshot';

/** @throws RequestError `not_ready` when there is none */
export function requireSnapshot(
  snapshot: GatewaySnapshot | undefined,
): GatewaySnapshot {
  if (!snapshot) {
    throw new RequestError(
      'not_ready',
      'The gateway has no configuration yet; send the same events again later',
    );
  }
  return snapshot;
}

/**
 * Spares a sender the wait for a broker that is known to be away.
 *
 * @throws RequestError `broker_unavailable`
 */
export function requireBroker(isBrokerAway: boolean): void {
  if (isBrokerAway) {
    throw brokerUnavailable();
  }
}

/** Nothing was stored. */
export function brokerUnavailable(): RequestError {
  return new RequestError(
    'broker_unavailable',
    'The broker does not answer; send the same events again later',
  );
}
