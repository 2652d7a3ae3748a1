import { ConflictError, NotFoundError } from '@backstage/errors';
import {
  beginTestEvent,
  LedgerError,
  listTestEvents,
  readMilestones,
  type TestEventRecord,
} from '@millrace/ledger';
import {
  TEST_EVENT_SOURCE,
  type TestEvent,
  type TestEventList,
  type TestEventRequest,
} from '@millrace/plugin-delivery-common';
import type { LatenessObjectivesMs } from '@millrace/schema';
import type { Knex } from 'knex';
import type { DeclaredEventType } from '../eventTypes';
import { eventKeyOf, mintUuidV7 } from '../replay';
import { composeEvent } from './composeEvent';
import type { TestEventSender } from './TestEventSender';
import { toTestEvent } from './toTestEvent';

const LISTED = 20;

/** Options of {@link TestEventDesk}. */
export interface TestEventDeskOptions {
  ledger: Knex;
  sender: TestEventSender;
  bucketSeconds: number;
  latenessObjectivesMs: LatenessObjectivesMs;
  now: () => Date;
}

/** Takes test events, and tells what became of them. It checks no permissions. */
export class TestEventDesk {
  readonly #options: TestEventDeskOptions;

  constructor(options: TestEventDeskOptions) {
    this.#options = options;
  }

  /**
   * Begins to send a test event; it goes on by itself.
   *
   * @throws ConflictError while the event type is not provisioned, and while
   * several test events of it wait for their answer
   */
  async send(
    eventType: DeclaredEventType,
    request: TestEventRequest,
    requestedBy: string,
  ): Promise<{ testEvent: TestEvent; keyId: string }> {
    const { ledger, sender, now } = this.#options;
    const { name, owner } = eventType;
    const [milestones] = await readMilestones(ledger, { eventTypes: [name] });
    if (!milestones?.provisionedAt) {
      throw new ConflictError(
        `The event type '${name}' has no topic yet; that takes some seconds after it is registered. Send the test event then`,
      );
    }
    const time = now();
    const testEventId = mintUuidV7(time);
    const { keyId, writeKey } = await conflicting(
      beginTestEvent(ledger, {
        testEventId,
        eventType: name,
        source: TEST_EVENT_SOURCE,
        eventKey: eventKeyOf(TEST_EVENT_SOURCE, testEventId),
        owner,
        requestedBy,
      }),
    );
    const text = composeEvent({
      id: testEventId,
      eventType: name,
      time,
      data: request.data,
    });
    sender.send({ testEventId, writeKey, text });
    return { testEvent: await this.get(eventType, testEventId), keyId };
  }

  /** @throws NotFoundError */
  async get(
    eventType: DeclaredEventType,
    testEventId: string,
  ): Promise<TestEvent> {
    const [record] = await listTestEvents(this.#options.ledger, {
      eventType: eventType.name,
      testEventId,
      limit: 1,
    });
    if (!record) {
      throw new NotFoundError('There is no test event of that id');
    }
    return this.#toTestEvent(eventType, record);
  }

  /** The newest ones, newest first. */
  async list(eventType: DeclaredEventType): Promise<TestEventList> {
    const records = await listTestEvents(this.#options.ledger, {
      eventType: eventType.name,
      limit: LISTED,
    });
    return {
      items: records.map(record => this.#toTestEvent(eventType, record)),
    };
  }

  #toTestEvent(
    { tier }: DeclaredEventType,
    record: TestEventRecord,
  ): TestEvent {
    const { bucketSeconds, latenessObjectivesMs } = this.#options;
    return toTestEvent(record, {
      bucketSeconds,
      objectiveMs: latenessObjectivesMs[tier],
    });
  }
}

async function conflicting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'too_many_test_events') {
      throw new ConflictError(error.message);
    }
    throw error;
  }
}
