import type { ConfigSnapshot } from '@millrace/ledger';
import { GatewayLogger } from '../options';
import { compileSnapshot, GatewaySnapshot } from './compileSnapshot';
import { parseSnapshot } from './parseSnapshot';
import { readSnapshotFile, writeSnapshotFile } from './snapshotFile';

/** @see SnapshotStore */
export interface SnapshotStoreOptions {
  file: string;
  logger: GatewayLogger;
  /** Called before events are judged by a new snapshot. */
  onAdopt: (snapshot: GatewaySnapshot) => void;
}

/**
 * The configuration the gateway runs.
 *
 * Guarantees: only a whole and newer snapshot replaces the one in use; what is
 * in use is on disk, as soon as the disk allows, so that the next life can
 * accept events without the ledger.
 */
export class SnapshotStore {
  private adopted: GatewaySnapshot | undefined;
  private unsaved: ConfigSnapshot | undefined;

  constructor(private readonly options: SnapshotStoreOptions) {}

  get current(): GatewaySnapshot | undefined {
    return this.adopted;
  }

  /** Starts with what the previous life left, if it is usable. */
  async load(): Promise<void> {
    const { file, logger } = this.options;
    try {
      const cached = await readSnapshotFile(file);
      if (cached) {
        this.adopt(cached);
      }
    } catch (error) {
      logger.warn(`The cached config snapshot cannot be used: ${error}`);
    }
  }

  /**
   * Asks for a newer snapshot and adopts it.
   *
   * @throws when it cannot be read, is not valid, or cannot be saved
   */
  async refresh(
    read: (newerThan: number) => Promise<ConfigSnapshot | undefined>,
  ): Promise<void> {
    const generation = this.adopted?.generation ?? 0;
    const newer = await read(generation);
    if (newer) {
      const snapshot = parseSnapshot(newer);
      if (snapshot.generation > generation) {
        this.adopt(snapshot);
        this.unsaved = snapshot;
      }
    }
    if (this.unsaved) {
      await writeSnapshotFile(this.options.file, this.unsaved);
      this.unsaved = undefined;
    }
  }

  private adopt(snapshot: ConfigSnapshot): void {
    const { logger, onAdopt } = this.options;
    const compiled = compileSnapshot(snapshot, this.adopted, (name, error) =>
      logger.error(`The schema of event type ${name} is not usable: ${error}`),
    );
    onAdopt(compiled);
    this.adopted = compiled;
    logger.info(
      `Runs config generation ${snapshot.generation}: ${compiled.eventTypes.size} event types, ${compiled.writeKeys.size} write keys`,
    );
  }
}
