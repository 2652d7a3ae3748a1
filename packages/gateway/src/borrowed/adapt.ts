import type { AdaptedEvent, Pacer } from '../intake';

/** Looking at every byte of a call costs about so much of a recognised one. */
const ADAPTING_COST = 8;

/** Adapts one after the other, with pauses for other requests. */
export async function adapt<T>(
  sent: readonly T[],
  pacer: Pacer,
  adaptOne: (each: T) => AdaptedEvent,
): Promise<AdaptedEvent[]> {
  const events: AdaptedEvent[] = [];
  for (const each of sent) {
    const event = adaptOne(each);
    events.push(event);
    if (pacer.spend(event.raw.length * ADAPTING_COST)) {
      await pacer.pause();
    }
  }
  return events;
}
