/** Of the inputs of closing, what this is counted from. @public */
export interface GatewayDebts {
  gateway: string;
  epoch: string;
  declared: boolean;
  declaredEvents: number;
  stagedEvents: number;
  abandonedBatches: number[];
  missingBatches: number[];
}

/** What one life of a gateway still owes a bucket. @public */
export interface MissingOfGateway {
  gateway: string;
  epoch: string;
  /** It has said how many batches it published. */
  declared: boolean;
  /** Declared and not arrived; at most 1,000 numbers are listed. */
  batches: number[];
  /** Published without the broker's confirmation; they may or may not exist. */
  abandonedBatches: number[];
  /**
   * The number of events that can be missing at most; `undefined` when nobody
   * can say, because the gateway has not declared.
   */
  eventsAtMost?: number;
}

/** @public */
export interface MissingEvents {
  /** Those that owe something, or have not said whether they do. */
  gateways: MissingOfGateway[];
  /** Over all gateways; `undefined` when one of them cannot be counted. */
  eventsAtMost?: number;
}

/**
 * What a bucket would lack if it were closed now: by gateway, with the numbers
 * of the batches and an upper bound of the events. What arrives later is not
 * lost; it lands in a later bucket as skew.
 *
 * @public
 */
export function missingFrom(gateways: GatewayDebts[]): MissingEvents {
  const owing = gateways
    .filter(gateway => !gateway.declared || gateway.missingBatches.length > 0)
    .map(gateway => ({
      gateway: gateway.gateway,
      epoch: gateway.epoch,
      declared: gateway.declared,
      batches: gateway.missingBatches,
      abandonedBatches: gateway.abandonedBatches,
      // Poison batches hold declared events too, so this is an upper bound.
      eventsAtMost: gateway.declared
        ? Math.max(0, gateway.declaredEvents - gateway.stagedEvents)
        : undefined,
    }));
  return {
    gateways: owing,
    eventsAtMost: owing.reduce<number | undefined>(
      (sum, { eventsAtMost }) =>
        sum === undefined || eventsAtMost === undefined
          ? undefined
          : sum + eventsAtMost,
      0,
    ),
  };
}
