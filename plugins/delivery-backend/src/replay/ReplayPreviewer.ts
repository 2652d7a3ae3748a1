import { ServiceUnavailableError } from '@backstage/errors';
import {
  type ConfigSnapshot,
  readConfigSnapshot,
  readReplayCandidates,
  type ReplayCandidate,
  refusedFieldOf,
} from '@millrace/ledger';
import {
  type Fix,
  MAX_REPLAY_EVENTS,
  type NotReplayableReason,
  type ReplayPreview,
  type ReplayPreviewSample,
  type ReplaySelection,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { createJudge, type Judge } from './judgeEvent';
import { mintUuidV7, prepareEvent, type PreparedEvent } from './prepareEvent';
import { findTaken, identityOf } from './taken';
import { toSelectionOptions } from './selection';

/** At most 16 MiB of kept text at a time. */
const PAGE_EVENTS = 250;

/**
 * Says what a replay would do, without sending anything: each selected event is
 * changed by the fix and judged by the schemas of the newest config snapshot,
 * which is what the gateways run.
 */
export class ReplayPreviewer {
  readonly #ledger: Knex;
  readonly #now: () => Date;

  constructor(options: { ledger: Knex; now: () => Date }) {
    this.#ledger = options.ledger;
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
    const taken = await findTaken(this.#ledger, prepared);
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

type Outcome = ReplayPreviewSample['outcome'];

/** Counts every event once, and keeps some to show. */
class PreviewBooks {
  selected = 0;
  hasMore = false;
  #accepted = 0;
  #unchanged = 0;
  #withoutId = 0;
  readonly #acceptedIdentities = new Set<string>();
  readonly #refusedBy = new Map<string, ReplayPreview['refusedBy'][number]>();
  readonly #notReplayableBy = new Map<NotReplayableReason, number>();
  readonly #samples: Record<Outcome['kind'], ReplayPreviewSample[]> = {
    refused: [],
    accepted: [],
    'not-replayable': [],
  };

  constructor(readonly snapshot: ConfigSnapshot, readonly maxSamples: number) {}

  /** An earlier one of the selection may have taken its place. */
  obstacleTo(event: PreparedEvent): NotReplayableReason | undefined {
    const identity = identityOf(event);
    return identity !== undefined && this.#acceptedIdentities.has(identity)
      ? 'same-id'
      : undefined;
  }

  addNotReplayable(
    candidate: ReplayCandidate,
    reason: NotReplayableReason,
  ): void {
    this.selected += 1;
    const known = this.#notReplayableBy.get(reason) ?? 0;
    this.#notReplayableBy.set(reason, known + 1);
    this.#show(candidate, undefined, { kind: 'not-replayable', reason });
  }

  addVerdict(
    candidate: ReplayCandidate,
    event: PreparedEvent,
    verdict: ReturnType<Judge>,
  ): void {
    this.selected += 1;
    this.#unchanged += event.isChanged ? 0 : 1;
    this.#withoutId += event.isIdMinted ? 1 : 0;
    if (verdict.kind === 'accepted') {
      this.#accepted += 1;
      this.#acceptedIdentities.add(identityOf(event) ?? '');
    } else {
      const { reason, pointer } = verdict;
      const field = pointer === undefined ? undefined : refusedFieldOf(pointer);
      const key = JSON.stringify([reason, field]);
      const known = this.#refusedBy.get(key) ?? { reason, field, count: 0 };
      this.#refusedBy.set(key, { ...known, count: known.count + 1 });
    }
    this.#show(candidate, event.text, verdict);
  }

  close(): ReplayPreview {
    const byCount = (a: { count: number }, b: { count: number }) =>
      b.count - a.count;
    const refusedBy = [...this.#refusedBy.values()].sort(byCount);
    const notReplayableBy = [...this.#notReplayableBy]
      .map(([reason, count]) => ({ reason, count }))
      .sort(byCount);
    const sum = (rows: { count: number }[]) =>
      rows.reduce((total, { count }) => total + count, 0);
    return {
      selected: this.selected,
      hasMore: this.hasMore,
      wouldBeAccepted: this.#accepted,
      wouldBeRefused: sum(refusedBy),
      notReplayable: sum(notReplayableBy),
      refusedBy,
      notReplayableBy,
      unchanged: this.#unchanged,
      withoutId: this.#withoutId,
      generation: this.snapshot.generation,
      samples: this.#chosenSamples(),
    };
  }

  #show(
    { refusalId, event }: ReplayCandidate,
    after: string | undefined,
    outcome: Outcome,
  ): void {
    const shown = this.#samples[outcome.kind];
    if (shown.length < this.maxSamples) {
      shown.push({ refusalId, before: event, after, outcome });
    }
  }

  /** In turns, so that every outcome there is can be seen. */
  #chosenSamples(): ReplayPreviewSample[] {
    const { refused, accepted } = this.#samples;
    const lists = [refused, accepted, this.#samples['not-replayable']];
    const chosen = new Set<ReplayPreviewSample>();
    for (let turn = 0; turn < this.maxSamples; turn++) {
      for (const list of lists) {
        if (list[turn] && chosen.size < this.maxSamples) {
          chosen.add(list[turn]);
        }
      }
    }
    return lists.flat().filter(sample => chosen.has(sample));
  }
}
