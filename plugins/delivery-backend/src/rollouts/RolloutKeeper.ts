import {
  listUnrecordedGenerations,
  noteRolloutsEverywhere,
  pruneRollouts,
  readSnapshotChanges,
  recordRollout,
} from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { type Attribution, describeChanges } from './describeChanges';

/** So many generations are kept: years of changes, a day of a runaway script. */
const KEEP_GENERATIONS = 5_000;

/** How far back it begins in an installation that has none of it yet. */
const REACH = 100;

/** So many a round, each of which compares two whole configs. */
const GENERATIONS_AT_ONCE = 10;

/** A first registration of everything changes thousands of types at once. */
const MAX_CHANGES_KEPT = 200;

/**
 * Keeps the history of rollouts.
 *
 * Guarantees: every generation that is published gets its line, whoever has
 * published it and whatever was killed after; who asked for a change is named
 * only where that is certain; a line once kept is not rewritten, except for when
 * everything ran it.
 */
export class RolloutKeeper {
  readonly #ledger: Knex;

  constructor(options: { ledger: Knex }) {
    this.#ledger = options.ledger;
  }

  /** @param declared - the event types as the registry has them */
  async keep(
    declared: Pick<
      EventType,
      'name' | 'updatedBy' | 'updatedAt' | 'withdrawal'
    >[],
  ): Promise<void> {
    const ledger = this.#ledger;
    const generations = await listUnrecordedGenerations(ledger, {
      reach: REACH,
      limit: GENERATIONS_AT_ONCE,
    });
    for (const generation of generations) {
      const changes = await readSnapshotChanges(ledger, { generation });
      if (changes) {
        const described = describeChanges(changes, attributionsOf(declared));
        const { publishedAt, eventTypes, writeKeys } = changes;
        await recordRollout(ledger, {
          generation,
          publishedAt,
          eventTypes,
          writeKeys,
          changes: described.slice(0, MAX_CHANGES_KEPT),
          changeCount: described.length,
        });
      }
    }
    await noteRolloutsEverywhere(ledger);
    if (generations.length > 0) {
      await pruneRollouts(ledger, { keep: KEEP_GENERATIONS });
    }
  }
}

function attributionsOf(
  declared: Parameters<RolloutKeeper['keep']>[0],
): Map<string, Attribution> {
  return new Map(
    declared.map(({ name, updatedBy, updatedAt, withdrawal }) => [
      name,
      {
        // The end of a grace period is the doing of who asked for it.
        actor: withdrawal?.removalBeganAt ? withdrawal.by : updatedBy,
        at: new Date(updatedAt),
      },
    ]),
  );
}
