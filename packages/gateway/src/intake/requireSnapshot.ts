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
