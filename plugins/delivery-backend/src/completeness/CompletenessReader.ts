import { NotFoundError } from '@backstage/errors';
import {
  hasProducerSent,
  listBatchFindings,
  listBucketLines,
  listDayLines,
  listGatewayLines,
  listProducerGaps,
  listProducers,
  type ProducerCursor,
  readBooksBegan,
} from '@millrace/ledger';
import type {
  BucketLine,
  BucketLineList,
  CompletenessList,
  DayLine,
  LineDetail,
  ProducerGapList,
  ProducerList,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { formatProducerCursor } from './producerCursor';
import { EMPTY_LINE, toBatchFinding, toLine } from './toLine';

/** Of the lists within one answer; more than a person reads. */
const MAX_LISTED = 200;

const DAY_MS = 24 * 60 * 60_000;

/**
 * Reads the books of event types: the ledger line by bucket, day and gateway,
 * and what producers have numbered. All of it comes from the ledger. It checks
 * no permissions.
 */
export class CompletenessReader {
  readonly #ledger: Knex;

  constructor(options: { ledger: Knex }) {
    this.#ledger = options.ledger;
  }

  /** Delivery completeness of the UTC days in `[from, to)`. */
  async listDays(request: {
    eventType: string;
    from: Date;
    to: Date;
  }): Promise<CompletenessList> {
    const lines = await listDayLines(this.#ledger, request);
    return {
      items: lines.map(line => ({
        day: dayOf(line.day),
        buckets: line.buckets,
        ...toLine(line),
      })),
      booksBeganAt: await this.#booksBegan(),
    };
  }

  /** The line of one UTC day, by gateway. */
  async getDay(request: {
    eventType: string;
    day: Date;
  }): Promise<LineDetail<DayLine>> {
    const { eventType, day } = request;
    const range = {
      eventType,
      from: day,
      to: new Date(day.getTime() + DAY_MS),
    };
    const [line] = await listDayLines(this.#ledger, range);
    return {
      line: {
        day: dayOf(day),
        buckets: line?.buckets ?? 0,
        ...toLine(line ?? EMPTY_LINE),
      },
      ...(await this.#detailOf(range)),
    };
  }

  /** The lines of the receive buckets in `[from, to)`, oldest first. */
  async listBuckets(request: {
    eventType: string;
    from: Date;
    to: Date;
    limit: number;
  }): Promise<BucketLineList> {
    const { limit } = request;
    // One more than asked for tells whether there is a next page.
    const lines = await listBucketLines(this.#ledger, {
      ...request,
      limit: limit + 1,
    });
    return {
      items: lines.slice(0, limit).map(line => ({
        bucketStart: line.bucketStart.toISOString(),
        ...toLine(line),
      })),
      nextFrom: lines.at(limit)?.bucketStart.toISOString(),
      booksBeganAt: await this.#booksBegan(),
    };
  }

  /** The line of one receive bucket, by gateway. */
  async getBucket(request: {
    eventType: string;
    bucketStart: Date;
  }): Promise<LineDetail<BucketLine>> {
    const { eventType, bucketStart } = request;
    // No two buckets of a type begin within a second.
    const range = {
      eventType,
      from: bucketStart,
      to: new Date(bucketStart.getTime() + 1),
    };
    const [line] = await listBucketLines(this.#ledger, { ...range, limit: 1 });
    return {
      line: {
        bucketStart: bucketStart.toISOString(),
        ...toLine(line ?? EMPTY_LINE),
      },
      ...(await this.#detailOf(range)),
    };
  }

  /** Producers that have sent events of a type, last seen first. */
  async listProducers(request: {
    eventType: string;
    producer?: string;
    cursor?: ProducerCursor;
    limit: number;
  }): Promise<ProducerList> {
    const { cursor, limit, ...filter } = request;
    const records = await listProducers(this.#ledger, {
      ...filter,
      before: cursor,
      limit: limit + 1,
    });
    const page = records.slice(0, limit);
    return {
      items: page.map(({ lastSeenAt, ...record }) => ({
        ...record,
        lastSeenAt: lastSeenAt.toISOString(),
      })),
      nextCursor:
        records.length > limit
          ? formatProducerCursor(page[page.length - 1])
          : undefined,
    };
  }

  /**
   * The gaps of a producer's epoch.
   *
   * @throws NotFoundError when it has not sent events of the type: numbers count
   * over all types, and who may see one need not see producers of others
   */
  async listGaps(request: {
    eventType: string;
    producer: string;
    epoch: string;
    from: number;
    limit: number;
  }): Promise<ProducerGapList> {
    const { eventType, producer, epoch } = request;
    const isKnown = await hasProducerSent(this.#ledger, {
      eventType,
      producer,
      epoch,
    });
    const found =
      isKnown && (await listProducerGaps(this.#ledger, { ...request }));
    if (!found) {
      throw new NotFoundError(
        `No such epoch of a producer is known for '${eventType}'`,
      );
    }
    const { gaps, listedThrough, knownThrough } = found;
    return {
      items: gaps,
      nextFrom: listedThrough < knownThrough ? listedThrough + 1 : undefined,
    };
  }

  async #detailOf(range: { eventType: string; from: Date; to: Date }) {
    const gateways = await listGatewayLines(this.#ledger, {
      ...range,
      limit: MAX_LISTED,
    });
    const findings = await listBatchFindings(this.#ledger, {
      ...range,
      limit: MAX_LISTED,
    });
    return { gateways, findings: findings.map(toBatchFinding) };
  }

  async #booksBegan(): Promise<string | undefined> {
    return (await readBooksBegan(this.#ledger))?.toISOString();
  }
}

function dayOf(midnight: Date): string {
  return midnight.toISOString().slice(0, 10);
}
