import { RequestError } from '../errors';
import type { AdaptedEvent, Fate } from '../intake';

/** An event that was refused and is kept among the refused events. */
export interface RefusedCall {
  /** Position in the request. */
  index: number;
  id?: string;
  reason: string;
  pointer?: string;
  message: string;
}

/**
 * What became of the events of one request: stored or kept as refused, all of
 * them durable.
 *
 * When even one is not, the whole request has to come again. That stores the
 * others a second time; they carry their ids, and the sealer removes them.
 * Saying 200 instead would lose the one.
 *
 * @throws RequestError `broker_unavailable` or `overloaded`
 */
export function settle(
  events: AdaptedEvent[],
  fates: Fate[],
): { accepted: number; refused: RefusedCall[] } {
  const refused: RefusedCall[] = [];
  fates.forEach((fate, index) => {
    if (fate.kind === 'retry') {
      throw new RequestError(
        fate.reason === 'overloaded' ? 'overloaded' : 'broker_unavailable',
        'Not all events could be committed; send the same request again',
      );
    }
    if (fate.kind === 'refused') {
      const { reason, pointer, message } = fate;
      refused.push({
        index,
        id: idOf(events[index]),
        reason,
        pointer,
        message,
      });
    }
  });
  return { accepted: fates.length - refused.length, refused };
}

function idOf({ value }: AdaptedEvent): string | undefined {
  const { id } = value as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
}
