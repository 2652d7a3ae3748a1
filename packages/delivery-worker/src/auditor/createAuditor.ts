import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createDuckdb, Duckdb, DuckdbSession } from '@millrace/lake';
import {
  AuditFinding,
  listAuditPeers,
  listFoldersToAudit,
  listKnownRevisions,
  listPartitionsToAudit,
  PartitionToAudit,
  readAuditSubject,
  readBatchAccounts,
  recordFolderAudit,
  recordPartitionAudit,
} from '@millrace/ledger';
import { BackOff } from './backOff';
import { auditRevision } from './auditRevision';
import { AuditorError, codeOf, wordsOf } from './errors';
import { checkFolder } from './folderChecks';
import { holdShare, Share } from './holdShare';
import { placeOf, placeOfPartition } from './places';
import { createReadBudget } from './readBudget';
import { pause } from '../backoff';
import {
  Auditor,
  AuditorOptions,
  AuditorRun,
  RevisionPlace,
  SpendBytes,
} from './types';

/*
 * The loop of the independent auditor.
 *
 * It goes round: partitions never audited first, soon after they were sealed,
 * then those whose audit is oldest, until each live one was audited within the
 * cycle. All it knows is in the ledger, so it may die at any moment: what was
 * not recorded is audited again.
 *
 * Partitions are divided into shares by their number, and a share is worked on
 * under a lease, so that several workers divide the round without two reading
 * the same files. An auditor that slept through its lease records nothing.
 *
 * It shares no code with consumer and sealer, reads the lake and never writes
 * to it, and reads no faster than its budget. It repairs nothing: a wrong repair
 * would be worse than a finding.
 */

/** More than there will be workers; each is one row among the leases. */
const SHARES = 8;

const DEFAULT_CYCLE_MS = 7 * 24 * 60 * 60_000;
const DEFAULT_READ_BYTES_PER_SECOND = 32 * 1024 * 1024;
const DEFAULT_LEASE_MS = 60_000;
const DEFAULT_LIMIT = 50;
const FOLDERS_PER_RUN = 10;

/** How long ids are known: the retry horizon. */
const HORIZON_MS = 31 * 24 * 60 * 60_000;

/** Younger than anything that is forgotten about batches. */
const ACCOUNTS_KNOWN_MS = 30 * 24 * 60 * 60_000;

/** Findings logged of one partition; the portal has them all. */
const MAX_LOGGED = 5;

/** Creates the auditor: the job that compares what was sealed with what is. */
export function createAuditor(options: AuditorOptions): Auditor {
  const {
    ledger,
    lake,
    workerId,
    tempDirectory,
    logger,
    clock = () => new Date(),
    cycleMs = DEFAULT_CYCLE_MS,
    readBytesPerSecond = DEFAULT_READ_BYTES_PER_SECOND,
    nearestPeers = 2,
    furtherPeers = 1,
    memoryLimit = '256MB',
    limit = DEFAULT_LIMIT,
    leaseMs = DEFAULT_LEASE_MS,
    random = Math.random,
  } = options;
  const backOff = new BackOff();
  const closing = new AbortController();
  const spend = createSpend();
  let duckdb: Promise<Duckdb> | undefined;
  let running: Promise<AuditorRun> | undefined;

  /** Waits when it reads too fast, and not at all when it is told to stop. */
  function createSpend(): SpendBytes {
    const budget = createReadBudget({
      bytesPerSecond: readBytesPerSecond,
      monotonicMs: () => performance.now(),
      pause: ms => pause(ms, closing.signal),
    });
    return async bytes => {
      await budget(bytes);
      if (closing.signal.aborted) {
        throw new AuditorError('stopped', 'The auditor was told to stop');
      }
    };
  }

  async function openDuckdb(): Promise<DuckdbSession> {
    duckdb ??= emptyFolder(tempDirectory).then(() =>
      createDuckdb({
        memoryLimit,
        threads: 1,
        tempDirectory: path.join(tempDirectory, 'duckdb'),
      }),
    );
    try {
      return await (await duckdb).session();
    } catch (error) {
      duckdb = undefined;
      throw error;
    }
  }

  async function run(): Promise<AuditorRun> {
    const result: AuditorRun = {
      partitions: 0,
      folders: 0,
      opened: 0,
      resolved: 0,
      failed: 0,
    };
    // Each begins elsewhere, so that they do not queue for the same share.
    const first = Math.floor(random() * SHARES);
    for (let index = 0; index < SHARES; index += 1) {
      await auditShare((first + index) % SHARES, result);
    }
    await auditFolders(result);
    return result;
  }

  async function auditShare(share: number, result: AuditorRun): Promise<void> {
    const due = () =>
      listPartitionsToAudit(ledger, {
        share,
        shares: SHARES,
        dueBefore: new Date(clock().getTime() - cycleMs),
        limit,
      });
    // Asked before the share is claimed as well: most of the time nothing is.
    if (closing.signal.aborted || (await due()).length === 0) {
      return;
    }
    await underShare(`partitions:${share}`, async held => {
      for (const partition of await due()) {
        await attempt(partition.partitionId, result, async () => {
          await held.assert();
          await auditPartition(partition, held, result);
        });
      }
    });
  }

  async function auditFolders(result: AuditorRun): Promise<void> {
    const due = () =>
      listFoldersToAudit(ledger, {
        dueBefore: new Date(clock().getTime() - cycleMs),
        limit: FOLDERS_PER_RUN,
      });
    if (closing.signal.aborted || (await due()).length === 0) {
      return;
    }
    await underShare('folders', async held => {
      for (const eventType of await due()) {
        await attempt(`folder ${eventType}`, result, async () => {
          await held.assert();
          await auditFolder(eventType, held, result);
        });
      }
    });
  }

  async function underShare(
    name: string,
    work: (held: Share) => Promise<void>,
  ): Promise<void> {
    const held = await holdShare({ ledger, name, holder: workerId, leaseMs });
    if (!held) {
      return;
    }
    try {
      await work(held);
    } finally {
      await held.end();
    }
  }

  /**
   * What cannot be audited now is left for later and does not keep the others
   * waiting; but a lease that was lost ends the work under it.
   */
  async function attempt(
    key: string,
    result: AuditorRun,
    work: () => Promise<void>,
  ): Promise<void> {
    if (closing.signal.aborted || backOff.isWaiting(key, clock())) {
      return;
    }
    try {
      await work();
      backOff.succeeded(key);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'stopped') {
        return;
      }
      if (code === 'lease_lost' || code === 'fencing_token_stale') {
        throw error;
      }
      result.failed += 1;
      const delayMs = backOff.failed(key, clock());
      logger.warn(
        `An audit could not be carried out, next try in ${delayMs} ms: ${wordsOf(
          error,
        )}`,
        { subject: key },
      );
    }
  }

  async function auditPartition(
    due: PartitionToAudit,
    held: Share,
    result: AuditorRun,
  ): Promise<void> {
    const { partitionId } = due;
    const subject = await readAuditSubject(ledger, { partitionId });
    if (!subject) {
      return;
    }
    const place = placeOfPartition(subject);
    const auditedAt = clock();
    // The batches of one that was replaced are its successor's, and so are its
    // events, wherever they lie now.
    const { isSuperseded } = subject;
    const isKnown =
      !isSuperseded &&
      auditedAt.getTime() - subject.sealedAt.getTime() < ACCOUNTS_KNOWN_MS;
    const scratch = path.join(tempDirectory, `audit-${randomUUID()}`);
    const session = await openDuckdb();
    try {
      const audit = await auditRevision({
        lake,
        place,
        subject,
        accounts: isKnown
          ? await readBatchAccounts(ledger, { partitionId })
          : undefined,
        peers: isSuperseded
          ? []
          : await peersOf(partitionId, subject.unresolved),
        duckdb: session,
        scratch,
        spend,
      });
      const saved = await recordPartitionAudit(ledger, {
        ...held.lease,
        ...audit,
        partitionId,
        auditor: workerId,
        auditedAt,
      });
      result.partitions += 1;
      report(place.path, audit.findings, saved.opened);
      result.opened += saved.opened;
      result.resolved += saved.resolved;
    } finally {
      session.close();
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** Also those of earlier findings, which only they can resolve. */
  async function peersOf(
    partitionId: string,
    unresolved: AuditFinding[],
  ): Promise<RevisionPlace[]> {
    const chosen = await listAuditPeers(ledger, {
      partitionId,
      horizonMs: HORIZON_MS,
      nearest: nearestPeers,
      further: furtherPeers,
      chance: random(),
    });
    const places = new Map<string, RevisionPlace>();
    for (const place of [
      ...chosen.map(placeOfPartition),
      ...unresolved.flatMap(({ peer }) => placeOf(peer ?? '') ?? []),
    ]) {
      places.set(place.path, place);
    }
    return [...places.values()];
  }

  async function auditFolder(
    eventType: string,
    held: Share,
    result: AuditorRun,
  ): Promise<void> {
    const { findings, objects } = await checkFolder({
      lake,
      eventType,
      knownRevisions: bucketStarts =>
        listKnownRevisions(ledger, { eventType, bucketStarts }),
    });
    const saved = await recordFolderAudit(ledger, {
      ...held.lease,
      eventType,
      auditor: workerId,
      auditedAt: clock(),
      findings,
      objects,
    });
    result.folders += 1;
    report(eventType, findings, saved.opened);
    result.opened += saved.opened;
    result.resolved += saved.resolved;
  }

  function report(
    where: string,
    findings: AuditFinding[],
    opened: number,
  ): void {
    if (opened === 0) {
      return;
    }
    for (const { code, message, eventType } of findings.slice(0, MAX_LOGGED)) {
      logger.error(`Audit finding: ${message}`, { code, eventType });
    }
    if (findings.length > MAX_LOGGED) {
      logger.error(
        `Audit finding: ${findings.length - MAX_LOGGED} more in ${where}`,
        { findings: findings.length },
      );
    }
  }

  return {
    runOnce() {
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
    async close() {
      closing.abort();
      await running?.catch(() => {});
      (await duckdb?.catch(() => undefined))?.close();
      duckdb = undefined;
    },
  };
}

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
