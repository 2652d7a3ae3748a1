import { randomUUID } from 'node:crypto';
import { InputError, NotFoundError } from '@backstage/errors';
import {
  createReplay,
  listReplayEvents,
  type ListReplayEventsOptions,
  listReplays,
  type ReplayEventRecord,
  type ReplayRecord,
} from '@millrace/ledger';
import {
  type Fix,
  MAX_REPLAY_EVENTS,
  type NotReplayableReason,
  type Replay,
  type ReplayDetail,
  type ReplayEvent,
  type ReplayEventState,
  type ReplayList,
  type ReplayRequest,
  type ReplaySelection,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { toSelectionOptions } from './selection';

const MAX_LISTED = 100;

const FILTERS: Record<
  ReplayEventState,
  Pick<ListReplayEventsOptions, 'states' | 'landed'>
> = {
  waiting: { states: ['waiting', 'sending'] },
  'in-flight': { states: ['accepted'], landed: false },
  landed: { states: ['accepted'], landed: true },
  'refused-again': { states: ['refused'] },
  'not-replayable': { states: ['not-replayable'] },
  'not-sent': { states: ['not-sent'] },
};

/**
 * Creates replays and tells how they stand. It checks no permissions.
 */
export class ReplayRegistry {
  readonly #ledger: Knex;
  readonly #onCreated: () => void;

  constructor(options: { ledger: Knex; onCreated: () => void }) {
    this.#ledger = options.ledger;
    this.#onCreated = options.onCreated;
  }

  /** @throws InputError when the selection holds nothing to replay */
  async create(
    eventType: string,
    request: ReplayRequest,
    requestedBy: string,
  ): Promise<Replay> {
    const replayId = randomUUID();
    const selected = await createReplay(this.#ledger, {
      ...toSelectionOptions(eventType, request.selection),
      replayId,
      request,
      requestedBy,
      limit: MAX_REPLAY_EVENTS,
    });
    if (selected === 0) {
      throw new InputError(
        'There is nothing to replay: no refused event of this selection is left that was not brought back, or is being replayed, already',
      );
    }
    this.#onCreated();
    return await this.#get(eventType, replayId);
  }

  async list(eventType: string): Promise<ReplayList> {
    const records = await listReplays(this.#ledger, {
      eventType,
      limit: MAX_LISTED,
    });
    return { items: records.map(toReplay) };
  }

  /** @throws NotFoundError */
  async get(request: {
    eventType: string;
    replayId: string;
    state?: ReplayEventState;
    after?: number;
    limit: number;
  }): Promise<ReplayDetail> {
    const { eventType, replayId, state, after, limit } = request;
    const replay = await this.#get(eventType, replayId);
    const records =
      limit === 0
        ? []
        : await listReplayEvents(this.#ledger, {
            replayId,
            ...(state && FILTERS[state]),
            after,
            limit: limit + 1,
          });
    const page = records.slice(0, limit);
    return {
      ...replay,
      events: page.map(toReplayEvent),
      nextCursor:
        records.length > page.length
          ? String(page[page.length - 1].position)
          : undefined,
    };
  }

  async #get(eventType: string, replayId: string): Promise<Replay> {
    const [record] = await listReplays(this.#ledger, {
      eventType,
      replayId,
      limit: 1,
    });
    if (!record) {
      throw new NotFoundError('There is no replay of that id');
    }
    return toReplay(record);
  }
}

function toReplay(record: ReplayRecord): Replay {
  const { counts } = record;
  return {
    replayId: record.replayId,
    eventType: record.eventType,
    state: record.state,
    reason: record.reason,
    // Written by this plugin, after they were checked.
    fix: record.fix as Fix,
    selection: record.selection as ReplaySelection,
    requestedBy: record.requestedBy,
    requestedAt: record.requestedAt.toISOString(),
    finishedAt: record.finishedAt?.toISOString(),
    message: record.message,
    counts: {
      selected: counts.selected,
      waiting: counts.waiting,
      sent: counts.sent,
      accepted: counts.accepted,
      refusedAgain: counts.refused,
      notReplayable: counts.notReplayable,
      notSent: counts.notSent,
      landed: counts.landed,
      duplicates: counts.duplicates,
      inFlight: counts.accepted - counts.landed,
    },
  };
}

function toReplayEvent(record: ReplayEventRecord): ReplayEvent {
  const { partition, eventType, refusalReason } = record;
  return {
    refusalId: record.refusalId,
    state: stateOf(record),
    eventType,
    eventId: record.eventId,
    isIdMinted: record.isIdMinted,
    sentAt: record.sentAt?.toISOString(),
    receipt: record.receipt,
    refusal:
      refusalReason === undefined
        ? undefined
        : {
            refusalId: record.newRefusalId,
            reason: refusalReason,
            pointer: record.refusalPointer,
            message: record.refusalMessage ?? '',
          },
    notReplayable: record.notReplayable as NotReplayableReason | undefined,
    landed:
      partition && eventType !== undefined
        ? {
            eventType,
            bucketStart: partition.bucketStart.toISOString(),
            bucketEnd: partition.bucketEnd.toISOString(),
            revision: partition.revision,
            sealedAt: partition.sealedAt.toISOString(),
          }
        : undefined,
    copies: record.copies,
  };
}

function stateOf({ state, partition }: ReplayEventRecord): ReplayEventState {
  switch (state) {
    case 'waiting':
    case 'sending':
      return 'waiting';
    case 'accepted':
      return partition ? 'landed' : 'in-flight';
    case 'refused':
      return 'refused-again';
    default:
      return state;
  }
}
