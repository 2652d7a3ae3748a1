import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createDuckdb, Duckdb } from '@millrace/lake';
import {
  AuditFinding,
  AuditSubject,
  listKnownRevisions,
  listLivePartitions,
  LivePartition,
  readAuditSubject,
  readBatchAccounts,
} from '@millrace/ledger';
import { Knex } from 'knex';
import { auditRevision } from './auditRevision';
import { AuditorError } from './errors';
import { FolderReader } from './FolderReader';
import { checkFolder } from './folderChecks';
import { checkHorizon } from './horizonChecks';
import { placeOfPartition } from './places';
import { readStoredManifest } from './storedManifest';
import { RevisionPlace } from './types';

const HORIZON_MS = 31 * 24 * 60 * 60_000;
const ACCOUNTS_KNOWN_MS = 30 * 24 * 60 * 60_000;
const PARTITIONS_PER_PAGE = 1_000;
const DUCKDB_MEMORY = '1GB';

/** @public */
export interface VerifyLakeOptions {
  /** Folder of the lake, or of a copy of it. It is only read. */
  root: string;
  /** Default: the lake is judged by its own manifests alone. */
  ledger?: Knex;
  /** Default: all that are there. */
  eventTypes?: string[];
  /** For DuckDB, when something does not fit its memory. Removed at the end. */
  tempDirectory: string;
  /** Told of each revision that was looked at. */
  onProgress?: (progress: VerifyProgress) => void;
}

/** @public */
export interface VerifyProgress {
  eventType: string;
  /** Folder of the revision. */
  path: string;
  /** Revisions of the event type looked at so far, and in all. */
  done: number;
  total: number;
  /** Of this revision. */
  findings: AuditFinding[];
}

/** @public */
export interface LakeVerification {
  eventTypes: number;
  revisions: number;
  rows: number;
  bytes: number;
  /** Whether it was compared with a ledger as well. */
  withLedger: boolean;
  findings: AuditFinding[];
}

/**
 * Audits a whole lake at once, by the checks of the auditor and with nothing
 * left to chance: every revision, and every id of the horizon against every
 * other. It writes neither to the lake nor to the ledger.
 *
 * Without a ledger it proves that what lies there is whole and consistent in
 * itself. It cannot see that partitions are missing altogether, or that files
 * and manifest were replaced by others that fit each other.
 *
 * @throws AuditorError with code `lake_not_found` or `not_a_lake`
 * @public
 */
export async function verifyLake(
  options: VerifyLakeOptions,
): Promise<LakeVerification> {
  const { root, ledger, tempDirectory } = options;
  const lake = await FolderReader.open(root);
  const { folders, others } = await lake.top();
  const owed = ledger
    ? await livePartitionsOf(ledger)
    : new Map<string, LivePartition[]>();
  const wanted = (name: string) =>
    !options.eventTypes || options.eventTypes.includes(name);
  const eventTypes = [...new Set([...folders, ...owed.keys()])]
    .filter(wanted)
    .sort();

  const result: LakeVerification = {
    eventTypes: eventTypes.length,
    revisions: 0,
    rows: 0,
    bytes: 0,
    withLedger: ledger !== undefined,
    findings: options.eventTypes ? [] : others.map(strayAtTop),
  };
  await mkdir(tempDirectory, { recursive: true });
  const duckdb = await createDuckdb({
    memoryLimit: DUCKDB_MEMORY,
    tempDirectory: path.join(tempDirectory, 'duckdb'),
  });
  let seen = 0;
  try {
    for (const eventType of eventTypes) {
      seen += await verifyEventType(options, lake, duckdb, result, {
        eventType,
        owed: owed.get(eventType) ?? [],
      });
    }
  } finally {
    duckdb.close();
    await rm(tempDirectory, { recursive: true, force: true });
  }
  if (seen === 0 && !ledger) {
    throw new AuditorError(
      'not_a_lake',
      `${root} holds no partition; a lake has folders such as shop.order_placed/dt=2026-11-21/hh=13/r0001`,
    );
  }
  return result;
}

/** Gives how many folders of revisions there are, published or not. */
async function verifyEventType(
  options: VerifyLakeOptions,
  lake: FolderReader,
  duckdb: Duckdb,
  result: LakeVerification,
  { eventType, owed }: { eventType: string; owed: LivePartition[] },
): Promise<number> {
  const { ledger, tempDirectory, onProgress } = options;
  const folder = await checkFolder({
    lake,
    eventType,
    knownRevisions:
      ledger &&
      (bucketStarts => listKnownRevisions(ledger, { eventType, bucketStarts })),
  });
  result.findings.push(...folder.findings);
  const places = new Map<string, RevisionPlace>();
  for (const place of [...folder.places, ...owed.map(placeOfPartition)]) {
    places.set(place.path, place);
  }

  const whole = new Map<number, WholePartition>();
  let done = 0;
  for (const place of places.values()) {
    const subject = ledger && (await readAuditSubject(ledger, place));
    const audit = await auditRevision({
      lake,
      place,
      subject,
      accounts: await accountsOf(ledger, subject),
      peers: [],
      duckdb,
      scratch: tempDirectory,
      spend: async () => {},
    });
    done += 1;
    result.revisions += 1;
    result.rows += audit.rowsRead;
    result.bytes += audit.bytesRead;
    result.findings.push(...audit.findings);
    onProgress?.({
      eventType,
      path: place.path,
      done,
      total: places.size,
      findings: audit.findings,
    });
    const files = await filesOf(lake, place, audit.contentDigest);
    const bucket = place.bucketStart.getTime();
    const earlier = whole.get(bucket);
    // Of a bucket's revisions readers see the newest.
    if (files && !(earlier && earlier.place.revision > place.revision)) {
      whole.set(bucket, { place, files, rows: audit.rowsRead });
    }
  }
  result.findings.push(
    ...(await checkHorizon({
      duckdb,
      partitions: [...whole.values()].filter(({ rows }) => rows > 0),
      horizonMs: HORIZON_MS,
    })),
  );
  return folder.revisions;
}

/** A partition whose files can all be read. */
interface WholePartition {
  place: RevisionPlace;
  files: string[];
  rows: number;
}

async function filesOf(
  lake: FolderReader,
  place: RevisionPlace,
  contentDigest: string | undefined,
): Promise<string[] | undefined> {
  const stored = contentDigest && (await readStoredManifest(lake, place.path));
  return stored && stored.manifest
    ? Promise.all(
        stored.manifest.files.map(({ name }) =>
          lake.localPath(`${place.path}/${name}`),
        ),
      )
    : undefined;
}

async function accountsOf(
  ledger: Knex | undefined,
  subject: AuditSubject | undefined,
) {
  // The batches of one that was replaced are its successor's.
  const isKnown =
    subject &&
    !subject.isSuperseded &&
    Date.now() - subject.sealedAt.getTime() < ACCOUNTS_KNOWN_MS;
  return ledger && isKnown
    ? readBatchAccounts(ledger, { partitionId: subject.partitionId })
    : undefined;
}

/** By event type. */
async function livePartitionsOf(
  ledger: Knex,
): Promise<Map<string, LivePartition[]>> {
  const ofTypes = new Map<string, LivePartition[]>();
  let after: LivePartition | undefined;
  for (;;) {
    const page = await listLivePartitions(ledger, {
      after: after && {
        eventType: after.eventType,
        bucketStart: after.bucketStart,
      },
      limit: PARTITIONS_PER_PAGE,
    });
    for (const partition of page) {
      const known = ofTypes.get(partition.eventType);
      if (known) {
        known.push(partition);
      } else {
        ofTypes.set(partition.eventType, [partition]);
      }
    }
    if (page.length < PARTITIONS_PER_PAGE) {
      return ofTypes;
    }
    after = page[page.length - 1];
  }
}

function strayAtTop(name: string): AuditFinding {
  return {
    code: 'unknown_file',
    message: `${name} lies at the top of the lake, where only folders of event types belong`,
    eventType: '',
    file: name,
  };
}
