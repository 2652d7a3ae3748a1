import { ProducerError } from '../errors';
import { Drop } from '../types';

/**
 * An event written as JSON but for its producer, epoch and sequence: those are
 * given by the queue at the moment it takes the event, so that an event that was
 * not taken uses up no number and does not look like one that was lost.
 */
export interface EncodedEvent {
  readonly id: string;
  /** The CloudEvent as JSON text, without its closing brace. */
  readonly head: string;
}

/** An event of the queue that is in memory, on its way to a verdict. */
export interface QueuedEvent {
  readonly id: string;
  /** Its place in the queue; later events have greater ones. */
  readonly position: number;
  readonly epoch: string;
  readonly sequence: number;
  /** Written once, so that every attempt, in whichever life, sends equal bytes. */
  readonly json: string;
  readonly bytes: number;
  readonly queuedAt: number;
  /** Whether a request with it is under way. Kept by the producer. */
  isUnderWay: boolean;
  /**
   * Set by the queue when it had to give the event up while a request was under
   * way: it is not sent again, but a verdict still counts.
   */
  isEvicted: boolean;
}

/** Where an event has found its place. */
export interface TakenEvent {
  id: string;
  epoch: string;
  sequence: number;
  position: number;
  /** Whether the event survives the process; maybe known a moment later. */
  isDurable: boolean | Promise<boolean>;
}

/** Told once, and before anything else happens to the event. */
export interface AppendListener {
  taken(event: TakenEvent): void;
  failed(error: ProducerError): void;
}

/** What a queue tells the producer. */
export interface QueueListener {
  /** `next` has an event again, or `firstUnread` has changed. */
  onReady(): void;
  /** Events of earlier lives were found. */
  onRecovered(events: number): void;
  /**
   * Events were given up.
   * @param positions their places; those with a request under way are not among them
   */
  onDrop(drop: Drop, positions: readonly number[]): void;
  /** The queue cannot be used for now. */
  onProblem(error: ProducerError, retryInMs: number): void;
  /** The event that reports a drop, if drops are reported. */
  report(drop: Drop): EncodedEvent | undefined;
  /** The queue has taken such an event. */
  onReportTaken(): void;
}

/**
 * Where events wait for their verdict.
 *
 * Guarantees: events come out in the order they went in, each once per life,
 * and stay until they are settled or counted in a drop.
 */
export interface EventQueue {
  /** Name of the installation; empty until the queue is open. */
  readonly producer: string;
  /** This life, or its latest when the numbers of one ran out. */
  readonly epoch: string;
  /** Whether what is not settled at the end is found again by the next life. */
  readonly isDurable: boolean;

  /** @throws ProducerError `queue_locked`, `queue_unavailable` */
  open(): Promise<void>;
  /** Events are taken in the order of the calls. */
  append(event: EncodedEvent, listener: AppendListener): void;
  /** The next event that is in memory. */
  next(): QueuedEvent | undefined;
  /** These never come out again, in no life. */
  settle(events: readonly QueuedEvent[]): void;
  /** A request with an evicted event has ended without a verdict. */
  abandon(events: readonly QueuedEvent[]): void;
  /** Position of the latest event taken. */
  readonly lastPosition: number;
  /** Position of the oldest event that `next` has not handed out. */
  firstUnread(): number;
  /** All that are not settled. */
  size(): { events: number; bytes: number };
  /** Gives up what `open` took. Nothing may be appended afterwards. */
  close(): Promise<void>;
}
