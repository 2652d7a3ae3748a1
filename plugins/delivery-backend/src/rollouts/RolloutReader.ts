import {
  listComponents,
  listDriftRepairs,
  listOpenRemovals,
  listOrphans,
  listRollouts,
  readNewestGeneration,
  REMOVAL_STEPS,
  type RolloutRecord,
} from '@millrace/ledger';
import type {
  Rollout,
  RolloutComponent,
  RolloutHistory,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import type { Reconciler } from '../reconciler';

/** Parts without a heartbeat for longer are history. */
const ACTIVE_SINCE_MS = 60 * 60_000;

const MAX_REPAIRS = 50;
const MAX_ORPHANS = 200;

/** Options of {@link RolloutReader}. */
export interface RolloutReaderOptions {
  ledger: Knex;
  reconciler: Pick<Reconciler, 'generation' | 'status'>;
  orphanGraceMs: number;
}

/** Tells what runs where, and how it came to that. It checks no permissions. */
export class RolloutReader {
  readonly #options: RolloutReaderOptions;

  constructor(options: RolloutReaderOptions) {
    this.#options = options;
  }

  async read(query: {
    before?: number;
    limit: number;
  }): Promise<RolloutHistory> {
    const { ledger, orphanGraceMs } = this.#options;
    const { generation: newestGeneration, readAt } = await readNewestGeneration(
      ledger,
    );
    const [[newest], page, components, removals, repairs, orphans] =
      await Promise.all([
        listRollouts(ledger, { limit: 1 }),
        // One more than asked for tells whether there are more.
        listRollouts(ledger, { ...query, limit: query.limit + 1 }),
        listComponents(ledger, {
          activeSince: new Date(readAt.getTime() - ACTIVE_SINCE_MS),
        }),
        listOpenRemovals(ledger),
        listDriftRepairs(ledger, { limit: MAX_REPAIRS }),
        listOrphans(ledger, { limit: MAX_ORPHANS }),
      ]);
    const items = page.slice(0, query.limit);
    return {
      readAt: readAt.toISOString(),
      newest: newest && toRollout(newest),
      items: items.map(toRollout),
      nextBefore:
        page.length > query.limit ? items.at(-1)?.generation : undefined,
      components: [
        this.#portal(newestGeneration),
        ...components.map(({ kind, name, isAlive, ...component }) => ({
          kind,
          name,
          isAlive,
          generation: component.generation,
          since: component.since?.toISOString(),
          heartbeatAt: component.heartbeatAt.toISOString(),
          behind: behind(component.generation, newestGeneration),
        })),
      ],
      removals: removals.map(removal => ({
        eventType: removal.eventType,
        step:
          REMOVAL_STEPS.find(step => !removal.finished[step]) ?? 'archiving',
        requestedBy: removal.requestedBy,
        reason: removal.reason,
        beganAt: removal.beganAt.toISOString(),
        waitingFor: removal.waiting && {
          ...removal.waiting,
          since: removal.waiting.since.toISOString(),
        },
      })),
      repairs: repairs.map(({ foundAt, repairedAt, ...repair }) => ({
        ...repair,
        foundAt: foundAt.toISOString(),
        repairedAt: repairedAt.toISOString(),
      })),
      orphans: orphans.map(({ firstSeenAt, ...orphan }) => ({
        ...orphan,
        firstSeenAt: firstSeenAt.toISOString(),
        deletedAfter: new Date(
          firstSeenAt.getTime() + orphanGraceMs,
        ).toISOString(),
      })),
    };
  }

  /** The one that answers; others publish as well, and know no less. */
  #portal(newest: number | undefined): RolloutComponent {
    const { reconciler } = this.#options;
    const generation = reconciler.generation();
    const { lastRoundAt } = reconciler.status();
    return {
      kind: 'portal',
      name: 'reconciler',
      isAlive: true,
      generation,
      heartbeatAt: lastRoundAt,
      behind: behind(generation, newest),
    };
  }
}

function behind(
  generation: number | undefined,
  newest: number | undefined,
): number | undefined {
  return generation === undefined || newest === undefined
    ? undefined
    : Math.max(0, newest - generation);
}

function toRollout({
  publishedAt,
  everywhereAt,
  ...record
}: RolloutRecord): Rollout {
  return {
    ...record,
    publishedAt: publishedAt.toISOString(),
    everywhereAt: everywhereAt?.toISOString(),
  };
}
