/**
 * One line of the books: `accepted = delivered + duplicates + refused + in
 * flight`, where in flight = staged + unreadable + not arrived.
 *
 * @public
 */
export interface LedgerLine {
  /** Events the gateways say they published, and what came besides. */
  accepted: number;
  delivered: number;
  duplicates: number;
  /** At sealing, kept with their reason. */
  refused: number;
  /** Arrived, and not in a sealed partition yet. */
  staged: number;
  /** In batches that arrived, could not be read, and are kept aside. */
  unreadable: number;
  /** In batches that were declared and have not arrived. */
  notArrived: number;
  /** How many batches that is. */
  missingBatches: number;
  /** What the terms do not account for; anything but 0 is an error. */
  difference: number;
  /** Every gateway epoch of the line has declared: accepted is final. */
  isDeclared: boolean;
}

/** In flight: accepted, without a sealed fate. @public */
export function inFlightOf(line: LedgerLine): number {
  return line.staged + line.unreadable + line.notArrived;
}

/**
 * Delivery completeness: (delivered + duplicates) / accepted, from 0 to 1; a
 * duplicate is accounted for by the event it is a copy of. `undefined` when
 * nothing was accepted. It is 1 only when nothing at all is outstanding, however
 * many events there are.
 *
 * @public
 */
export function completenessOf(line: LedgerLine): number | undefined {
  const { accepted, delivered, duplicates } = line;
  if (accepted === 0) {
    return undefined;
  }
  const accounted = delivered + duplicates;
  const largestBelowOne = 1 - Number.EPSILON / 2;
  return accounted === accepted
    ? 1
    : Math.min(
        accounted / accepted,
        accounted < accepted ? largestBelowOne : 1,
      );
}
