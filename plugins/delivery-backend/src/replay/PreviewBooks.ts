import {
  type ConfigSnapshot,
  type ReplayCandidate,
  refusedFieldOf,
} from '@millrace/ledger';
import type {
  NotReplayableReason,
  ReplayPreview,
  ReplayPreviewSample,
} from '@millrace/plugin-delivery-common';
import type { Verdict } from './judgeEvent';
import type { PreparedEvent } from './prepareEvent';
import { identityOf } from './taken';

type Outcome = ReplayPreviewSample['outcome'];

/** Counts every event of a preview once, and keeps some to show. */
export class PreviewBooks {
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
    verdict: Verdict,
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
