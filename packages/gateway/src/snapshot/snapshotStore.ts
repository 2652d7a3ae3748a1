import {
  checkSnapshot,
  type ConfigSnapshot,
  type SnapshotStanding,
} from '@millrace/ledger';
import { Clock, systemClock } from '../clock';
import { GatewayLogger } from '../options';
import { compileSnapshot, GatewaySnapshot } from './compileSnapshot';
import { inSlices } from './inSlices';
import { parseSnapshot } from './parseSnapshot';
import { readSnapshotFile, writeSnapshotFile } from './snapshotFile';

/** @see SnapshotStore */
export interface SnapshotStoreOptions {
  file: string;
  logger: GatewayLogger;
  /** Called before events are judged by a new snapshot. */
  onAdopt: (snapshot: GatewaySnapshot) => void;
  clock?: Clock;
}

/** Where snapshots come from. */
export interface SnapshotSource {
  /** How the snapshot that is run stands to those of the ledger. */
  compareSnapshot(
    running:
      | Pick<ConfigSnapshot, 'generation' | 'lineage' | 'integrity'>
      | undefined,
  ): Promise<SnapshotStanding>;
  /** The newest. */
  readSnapshot(): Promise<ConfigSnapshot | undefined>;
}

/**
 * The configuration the gateway runs.
 *
 * Guarantees: only a whole and newer snapshot replaces the one in use. Whole
 * means that it has the checksum and the counts it was published with; newer,
 * that it follows the one in use in the same lineage, or belongs to another
 * lineage, which a restored ledger begins. Anything else is refused, logged and
 * counted, and the one in use stays. What is in use is on disk, as soon as the
 * disk allows, so that the next life can accept events without the ledger.
 *
 * Long work is done in slices, so requests are served while a snapshot of
 * thousands of event types is taken over.
 *
 * @see docs/adr/0014-a-snapshot-proves-itself.md
 */
export class SnapshotStore {
  private adopted: GatewaySnapshot | undefined;
  private running: ConfigSnapshot | undefined;
  private unsaved: ConfigSnapshot | undefined;
  private confirmedAtMs: number | undefined;
  private refusedCount = 0;
  private isStranger = false;
  private readonly clock: Clock;

  constructor(private readonly options: SnapshotStoreOptions) {
    this.clock = options.clock ?? systemClock;
  }

  get current(): GatewaySnapshot | undefined {
    return this.adopted;
  }

  /** When the ledger last said that the one in use is the newest. */
  get checkedAt(): Date | undefined {
    return this.confirmedAtMs === undefined
      ? undefined
      : new Date(this.confirmedAtMs);
  }

  /** How many offered snapshots were not whole. */
  get refused(): number {
    return this.refusedCount;
  }

  /**
   * The ledger does not know the snapshot in use, although it is of its own
   * lineage: it was restored from a backup, or is a replica that lags.
   */
  get isUnknownToLedger(): boolean {
    return this.isStranger;
  }

  /** Starts with what the previous life left, if it is usable. */
  async load(): Promise<void> {
    const { file, logger } = this.options;
    try {
      const cached = await readSnapshotFile(file);
      if (cached !== undefined) {
        await this.adopt(cached);
      }
    } catch (error) {
      this.refusedCount += 1;
      logger.warn(`The cached config snapshot cannot be used: ${error}`);
    }
  }

  /**
   * Asks for a newer snapshot and adopts it. Calls must not overlap.
   *
   * @throws when it cannot be read, is not whole, or cannot be saved
   */
  async refresh(source: SnapshotSource): Promise<void> {
    const standing = await source.compareSnapshot(this.running);
    this.noteStanding(standing);
    if (standing === 'outdated') {
      const offered = await source.readSnapshot();
      if (offered && this.isNewer(offered)) {
        try {
          await this.adopt(offered);
        } catch (error) {
          this.refusedCount += 1;
          throw error;
        }
        this.unsaved = offered;
        this.confirm();
      }
    } else if (standing === 'current') {
      this.confirm();
    }
    if (this.unsaved) {
      await writeSnapshotFile(this.options.file, this.unsaved);
      this.unsaved = undefined;
    }
  }

  private isNewer({ generation, lineage }: ConfigSnapshot): boolean {
    const { running } = this;
    return (
      !running || lineage !== running.lineage || generation > running.generation
    );
  }

  /** @throws Error when it is not whole */
  private async adopt(offered: unknown): Promise<void> {
    const { logger, onAdopt } = this.options;
    const snapshot = parseSnapshot(offered);
    await this.requireWhole(snapshot, offered);
    const compiled = await inSlices(
      compileSnapshot(snapshot, this.adopted, (name, error) =>
        logger.error(
          `The schema of event type ${name} is not usable: ${error}`,
        ),
      ),
    );
    onAdopt(compiled);
    this.adopted = compiled;
    this.running = snapshot;
    logger.info(
      `Runs config generation ${snapshot.generation}: ${compiled.eventTypes.size} event types, ${compiled.writeKeys.size} write keys`,
    );
  }

  /**
   * Once one was run that can be checked, one that cannot is not taken any more:
   * what was left of a checksum is no reason to trust the rest.
   */
  private async requireWhole(
    snapshot: ConfigSnapshot,
    offered: unknown,
  ): Promise<void> {
    if (!snapshot.integrity && !this.running?.integrity) {
      return;
    }
    // The text as it came: parsing may have filled in what it did not say.
    const asPublished = {
      ...(offered as ConfigSnapshot),
      integrity: snapshot.integrity,
    };
    const problem = await inSlices(checkSnapshot(asPublished));
    if (problem) {
      throw new Error(
        `Config generation ${snapshot.generation} is refused: ${problem}`,
      );
    }
  }

  private confirm(): void {
    this.confirmedAtMs = this.clock.now();
  }

  private noteStanding(standing: SnapshotStanding): void {
    const { logger } = this.options;
    const isStranger = standing === 'unknown';
    if (isStranger && !this.isStranger) {
      logger.error(
        `The ledger does not know config generation ${this.running?.generation}, which this gateway runs and goes on running: the ledger was restored from a backup, or is a replica that lags. After a restore, run 'millrace ledger-restored' (docs/operations.md)`,
      );
    }
    this.isStranger = isStranger;
  }
}
