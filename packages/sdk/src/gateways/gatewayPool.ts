import { BackOff, BackOffOptions, Failure } from '../retry';

/** One gateway and how it is doing. */
export interface PooledGateway {
  /** Base URL, as configured. */
  readonly url: string;
  readonly eventsUrl: string;
  readonly backOff: BackOff;
  requestsUnderWay: number;
}

/**
 * The gateways a producer may send to, in order of preference.
 *
 * A request goes to the first gateway that is not backing off, so all go to the
 * first while it is well. A gateway that failed is left alone for its back-off
 * and then tried with one request at a time; as soon as one succeeds it is
 * preferred again. With one gateway this is plain back-off.
 */
export class GatewayPool {
  private readonly gateways: PooledGateway[];

  constructor(
    gateways: readonly { url: string; eventsUrl: string }[],
    options: BackOffOptions,
  ) {
    this.gateways = gateways.map(gateway => ({
      ...gateway,
      backOff: new BackOff(options),
      requestsUnderWay: 0,
    }));
  }

  /** The gateway for the next request, if one may leave now. */
  pick(now: number): PooledGateway | undefined {
    return this.gateways.find(
      gateway => isFree(gateway) && gateway.backOff.nextAt <= now,
    );
  }

  /**
   * When the next request may leave; in the past means now, `undefined` after a
   * request that is under way.
   */
  nextAt(): number | undefined {
    const times = this.gateways
      .filter(isFree)
      .map(({ backOff }) => backOff.nextAt);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Whether a request to this gateway can wait less long for its reply. */
  isProbe(gateway: PooledGateway): boolean {
    return (
      gateway.backOff.isCautious &&
      this.gateways.some(({ backOff }) => !backOff.isCautious)
    );
  }

  /**
   * @param failure `isShared`: the others are left alone as well, for what the
   * gateway has asked for
   * @returns how long the gateway is left alone, in milliseconds
   */
  failed(
    gateway: PooledGateway,
    failure: Failure & { isShared?: boolean },
  ): number {
    if (failure.isShared) {
      this.gateways
        .filter(other => other !== gateway)
        .forEach(({ backOff }) => backOff.pause(failure));
    }
    return gateway.backOff.failed(failure);
  }

  /** Lets every gateway be tried at once. */
  hurry(): void {
    this.gateways.forEach(({ backOff }) => backOff.hurry());
  }
}

/** A gateway that failed gets one request at a time until one succeeds. */
function isFree({ backOff, requestsUnderWay }: PooledGateway): boolean {
  return !backOff.isCautious || requestsUnderWay === 0;
}
