/*
 * Test events: one event that a person writes in the portal, sent through a real
 * gateway under a write key of its own, and followed until it lies in a sealed
 * partition.
 *
 * Routes, all below `/api/delivery`:
 *
 * POST /event-types/:name/test-events                 201 TestEvent
 * GET  /event-types/:name/test-events                 TestEventList
 * GET  /event-types/:name/test-events/:testEventId    TestEvent
 *
 * All of them need `delivery.test-event.send`.
 */

/**
 * The `source` of every test event, by which readers tell them from others: the
 * column `_source` of the sealed data.
 *
 * @public
 */
export const TEST_EVENT_SOURCE = '/millrace/test-events';

/** @public */
export interface TestEventRequest {
  /**
   * The data of the event, as the text of a JSON object: it is sent as it is
   * written, digit by digit.
   */
  data: string;
}

/**
 * How far a test event has come.
 *
 * - `sending`: no gateway has answered yet; `message` says why, if it takes long.
 * - `accepted`: a gateway took it, which is for good.
 * - `staged`: it waits for its bucket to be sealed.
 * - `sealed`: it lies in a partition, `landed`.
 * - `refused`: by the gateway or at sealing; `refusal` says why. It is kept.
 * - `unanswered`: it is not known whether a gateway took it.
 *
 * @public
 */
export type TestEventState =
  | 'sending'
  | 'accepted'
  | 'staged'
  | 'sealed'
  | 'refused'
  | 'unanswered';

/** @public */
export interface TestEvent {
  /** Also the id of the event. */
  testEventId: string;
  eventType: string;
  /** Its `source`: {@link TEST_EVENT_SOURCE}. */
  source: string;
  state: TestEventState;
  /** Entity reference. */
  requestedBy: string;
  requestedAt: string;
  /** What it waits for, or why there is no answer. */
  message?: string;
  /** Names the answer of the gateway. */
  receipt?: string;
  acceptedAt?: string;
  stagedAt?: string;
  /**
   * The bucket it is sealed with, and by when that is on time. Before it is
   * staged it may still be the next one.
   */
  expected?: { bucketStart: string; bucketEnd: string; by: string };
  landed?: {
    bucketStart: string;
    bucketEnd: string;
    revision: number;
    sealedAt: string;
  };
  refusal?: TestEventRefusal;
}

/** @public */
export interface TestEventRefusal {
  stage: 'gateway' | 'sealing';
  /** Among the refused events; missing until it is recorded there. */
  refusalId?: string;
  /** One of the gateway's reason codes. */
  reason: string;
  /** RFC 6901, into the event. */
  pointer?: string;
  message: string;
}

/** @public */
export interface TestEventList {
  /** Newest first. */
  items: TestEvent[];
}
