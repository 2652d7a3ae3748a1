import { ServiceUnavailableError } from '@backstage/errors';
import {
  type ConfigSnapshot,
  readConfigSnapshot,
  readReplayCandidates,
  type ReplayCandidate,
} from '@millrace/ledger';
import {
  type Fix,
  MAX_REPLAY_EVENTS,
  type ReplayPreview,
  type ReplaySelection,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import type { DeliveredIds } from './DeliveredIds';
import { createJudge, type Judge } from './judgeEvent';
import { mintUuidV7, prepareEvent } from './prepareEvent';
import { PreviewBooks } from './PreviewBooks';
import { toSelectionOptions } from './selection';
import { findTaken } from './taken';

/** At most 16 MiB of kept text at a time. */
const PAGE_EVENTS = 250;

/**
 * Says what a replay would do, without sending anything: each selected event is
 * changed by the fix and judged by the schemas of the newest config snapshot,
 * which is what the gateways run.
 */
export class ReplayPreviewer {
  readonly #ledger: Knex;
  readonly #deliveredIds: DeliveredIds;
  readonly #now: () => Date;

  constructor(options: {
    ledger: Knex;
    deliveredIds: DeliveredIds;
    now: () => Date;
  }) {
    this.#ledger = options.ledger;
    this.#deliveredIds = options.deliveredIds;
    this.#now = options.now;
  }

  async preview(request: {
    eventType: string;
    selection: ReplaySelection;
    fix: Fix;
    samples: number;
  }): Promise<ReplayPreview> {
    const { eventType, selection, fix, samples } = request;
    const snapshot = await this.#snapshot();
    const books = new PreviewBooks(snapshot, samples);
    const judge = createJudge(snapshot.eventTypes);
    let after: ReplayCandidate | undefined;
    for (;;) {
      const room = MAX_REPLAY_EVENTS - books.selected;
      const page = await readReplayCandidates(this.#ledger, {
        ...toSelectionOptions(eventType, selection),
        after,
        limit: Math.min(PAGE_EVENTS, room + 1),
      });
      books.hasMore = page.length > room;
      await this.#judgePage(page.slice(0, room), fix, judge, books);
      after = page[page.length - 1];
      if (page.length < PAGE_EVENTS) {
        return books.close();
      }
    }
  }

  async #judgePage(
    page: ReplayCandidate[],
    fix: Fix,
    judge: Judge,
    books: PreviewBooks,
  ): Promise<void> {
    const prepared = page.map(candidate =>
      prepareEvent(candidate, fix, () => mintUuidV7(this.#now())),
    );
    const taken = await findTaken(
      { ledger: this.#ledger, deliveredIds: this.#deliveredIds },
      prepared,
    );
    page.forEach((candidate, index) => {
      const event = prepared[index];
      if ('notReplayable' in event) {
        books.addNotReplayable(candidate, event.notReplayable);
        return;
      }
      const obstacle = taken.get(event) ?? books.obstacleTo(event);
      if (obstacle) {
        books.addNotReplayable(candidate, obstacle);
      } else {
        books.addVerdict(candidate, event, judge(event.text));
      }
    });
  }

  async #snapshot(): Promise<ConfigSnapshot> {
    const snapshot = await readConfigSnapshot(this.#ledger);
    if (!snapshot) {
      throw new ServiceUnavailableError(
        'No config snapshot has been published yet; try again in a moment',
      );
    }
    return snapshot;
  }
}
