import { uuidv7 } from 'uuidv7';
import { EncodedEvent } from './types';

/** Greatest sequence number: it fits 48 bits and every reader's integers. */
export const MAX_SEQUENCE = 2 ** 48 - 1;

/**
 * Numbers the events of one life: epoch and sequence. When the numbers of an
 * epoch run out a new epoch begins, never a number twice.
 */
export class Life {
  producer: string;
  epoch = uuidv7();
  lastSequence = 0;

  constructor(
    producer: string,
    private readonly maxSequence: number = MAX_SEQUENCE,
  ) {
    this.producer = producer;
  }

  /** How many numbers this epoch still has. */
  get left(): number {
    return this.maxSequence - this.lastSequence;
  }

  startEpoch(): void {
    this.epoch = uuidv7();
    this.lastSequence = 0;
  }

  /** Writes an event to its end, without using up the number. */
  finish(event: EncodedEvent, sequence: number): string {
    const { producer, epoch } = this;
    const origin = JSON.stringify({ producer, epoch, sequence });
    return `${event.head},${origin.slice(1)}`;
  }
}
