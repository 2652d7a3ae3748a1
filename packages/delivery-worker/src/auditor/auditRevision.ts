import { createHash } from 'node:crypto';
import { PartitionFile, DuckdbSession } from '@millrace/lake';
import {
  AuditFinding,
  AuditFindingCode,
  AuditSubject,
  BatchAccounts,
} from '@millrace/ledger';
import { ACCOUNT_CHECKS, checkAccounts } from './accountChecks';
import { codeOf, wordsOf } from './errors';
import { checkFile, FILE_CHECKS } from './fileChecks';
import { hashLocalFile, openLocally } from './inspectFile';
import {
  checkAgainstLedger,
  checkBalance,
  checkPlace,
  Remark,
} from './manifestChecks';
import { checkAcross, checkRows, compareIds, ROW_CHECKS } from './rowChecks';
import { AuditedManifest, readStoredManifest } from './storedManifest';
import { LakeReader, RevisionAudit, RevisionPlace, SpendBytes } from './types';

/** @internal */
export interface AuditRevisionOptions {
  lake: LakeReader;
  place: RevisionPlace;
  /** What the ledger says of it; without a ledger the lake is its own judge. */
  subject?: AuditSubject;
  /** Without them, because they are forgotten by now, nothing is compared. */
  accounts?: BatchAccounts;
  /** Other partitions of the horizon that it may share no event with. */
  peers: RevisionPlace[];
  duckdb: DuckdbSession;
  /** For copies of files that cannot be opened in place; exists. */
  scratch: string;
  spend: SpendBytes;
}

/** Collects what an audit finds and which checks it carried out. */
class Findings {
  bytesRead = 0;
  rowsRead = 0;
  readonly #findings: AuditFinding[] = [];
  readonly #checks = new Set<AuditFindingCode>();

  constructor(private readonly place: RevisionPlace) {}

  add(...remarks: (Remark & Partial<AuditFinding>)[]): void {
    const { eventType, bucketStart, revision } = this.place;
    this.#findings.push(
      ...remarks.map(remark => ({
        eventType,
        bucketStart,
        revision,
        ...remark,
      })),
    );
  }

  carriedOut(...codes: AuditFindingCode[]): void {
    codes.forEach(code => this.#checks.add(code));
  }

  result() {
    return {
      findings: this.#findings,
      checks: [...this.#checks],
      rowsRead: this.rowsRead,
    };
  }
}

/**
 * Audits one revision: computes anew from the files whatever the manifest and
 * the ledger say of it.
 *
 * A check that could not be carried out, because what it needs is damaged, is
 * left out of `checks`, so that silence about it proves nothing. An error of the
 * store or of DuckDB that is no statement about the files is thrown.
 *
 * @internal
 */
export async function auditRevision(
  options: AuditRevisionOptions,
): Promise<RevisionAudit> {
  const { lake, place, subject } = options;
  const audit = new Findings(place);
  const stored = await readStoredManifest(lake, place.path);
  const { manifest } = stored ?? {};

  audit.carriedOut('manifest_missing', 'manifest_unreadable');
  if (!stored && isOwed(subject)) {
    audit.add({
      code: 'manifest_missing',
      message: `${place.path} has no manifest`,
    });
  }
  if (stored?.problem) {
    audit.add({
      code: 'manifest_unreadable',
      message: `The manifest of ${place.path} cannot be read: ${stored.problem}`,
    });
  }
  if (manifest) {
    audit.carriedOut('manifest_misplaced', 'counts_do_not_balance');
    audit.add(
      ...checkPlace(manifest, place),
      ...checkBalance('manifest', manifest.counts, manifest.files),
    );
  }
  if (subject) {
    audit.add(...checkBalance('ledger', subject, subject.files));
    if (stored) {
      audit.carriedOut('manifest_differs_from_ledger');
      audit.add(...checkAgainstLedger(stored, place, subject));
    }
  }

  const files = await checkFiles(options, audit, manifest);
  if (manifest && files) {
    await checkContent(options, audit, manifest, files);
  }
  if (subject && options.accounts) {
    audit.carriedOut(...ACCOUNT_CHECKS);
    audit.add(...checkAccounts(subject.accepted, options.accounts));
  }

  const contentDigest =
    stored && files ? digestOf(stored.sha256, files) : undefined;
  if (subject?.contentDigest && contentDigest) {
    audit.carriedOut('changed_since_first_audit');
    if (subject.contentDigest !== contentDigest) {
      audit.add({
        code: 'changed_since_first_audit',
        message: `${place.path} is not what the first audit read, although a sealed partition never changes`,
      });
    }
  }
  return { ...audit.result(), bytesRead: audit.bytesRead, contentDigest };
}

/** A bucket in which nothing was delivered may do without a manifest. */
function isOwed(subject: AuditSubject | undefined): boolean {
  return subject === undefined || subject.manifestPath !== undefined;
}

/** A file that is there and is a Parquet file. */
interface PresentFile {
  name: string;
  sha256: string;
  localFile: string;
}

/**
 * Checks every file that manifest or ledger name. Gives them when all are there
 * and can be opened.
 */
async function checkFiles(
  options: AuditRevisionOptions,
  audit: Findings,
  manifest: AuditedManifest | undefined,
): Promise<PresentFile[] | undefined> {
  const { place, subject, lake, scratch, spend } = options;
  // By the ledger where there is one: it was told before anybody could change
  // the lake. What only the manifest names is checked by the manifest.
  const sealed = new Map<string, PartitionFile>();
  for (const file of [...(manifest?.files ?? []), ...(subject?.files ?? [])]) {
    sealed.set(file.name, file);
  }
  if (!manifest && !subject) {
    return undefined;
  }
  audit.carriedOut(...FILE_CHECKS);
  const present: PresentFile[] = [];
  for (const file of sealed.values()) {
    const key = `${place.path}/${file.name}`;
    const checked = await checkFile({
      lake,
      key,
      sealed: file,
      scratch,
      spend,
    });
    audit.bytesRead += checked.bytesRead;
    audit.add(
      ...checked.remarks.map(remark => ({ ...remark, file: file.name })),
    );
    if (checked.localFile !== undefined && checked.sha256 !== undefined) {
      const { localFile, sha256 } = checked;
      present.push({ name: file.name, localFile, sha256 });
    }
  }
  return present.length === sealed.size ? present : undefined;
}

/** Reads the rows: of the partition alone, and beside its peers. */
async function checkContent(
  options: AuditRevisionOptions,
  audit: Findings,
  manifest: AuditedManifest,
  files: PresentFile[],
): Promise<void> {
  const { duckdb, spend, place } = options;
  if (files.length === 0) {
    audit.carriedOut(...ROW_CHECKS, 'duplicate_across_partitions');
    return;
  }
  const own = files.map(({ localFile }) => localFile);
  try {
    // The envelope is a part of each file, but nobody knows how large a part.
    await spend(manifest.files.reduce((sum, file) => sum + file.bytes, 0));
    const { rows, remarks } = await checkRows(duckdb, own, manifest);
    audit.rowsRead = rows;
    audit.carriedOut(...ROW_CHECKS);
    audit.add(...remarks);
  } catch (error) {
    if (!isAboutTheFile(error)) {
      throw error;
    }
    audit.add({
      code: 'file_unreadable',
      // Not the reader's own words: they may quote what a file holds.
      message: `The rows of ${place.path} cannot be read, or lack columns that every event has`,
    });
    return;
  }
  await checkIds(options, audit, manifest, own);
  await checkPeers(options, audit, own);
}

/**
 * The file of the ids of the rows is needed until its ids are in a merged one,
 * and may be removed then, also while it is read here.
 */
async function checkIds(
  options: AuditRevisionOptions,
  audit: Findings,
  manifest: AuditedManifest,
  own: string[],
): Promise<void> {
  const { lake, place, scratch, spend, duckdb } = options;
  const { ids } = manifest;
  const key = `${place.path}/${ids?.name}`;
  if (!ids || !(await lake.stat(key))) {
    return;
  }
  const report = (message: string) =>
    audit.add({ code: 'ids_differ', message, file: ids.name });
  try {
    const localFile = await openLocally(lake, key, scratch);
    const { sha256, bytes } = await hashLocalFile(localFile, spend);
    audit.bytesRead += bytes;
    audit.carriedOut('ids_differ');
    if (sha256 !== ids.sha256) {
      report(`${key} has other bytes than were sealed`);
    }
    const problem = await compareIds(duckdb, own, localFile);
    if (problem) {
      report(`${key} does not fit its partition: ${problem}`);
    }
  } catch (error) {
    if (isAboutTheFile(error)) {
      report(`${key} cannot be read`);
    } else if (!['not_found', 'ENOENT'].includes(String(codeOf(error)))) {
      throw error;
    }
  }
}

/**
 * A peer that cannot be read says nothing here: its own audit tells. Then the
 * check was not carried out, and nothing is resolved.
 */
async function checkPeers(
  options: AuditRevisionOptions,
  audit: Findings,
  own: string[],
): Promise<void> {
  const { lake, peers, duckdb, scratch, spend } = options;
  let compared = 0;
  for (const peer of peers) {
    try {
      const stored = await readStoredManifest(lake, peer.path);
      const { files = [] } = stored?.manifest ?? {};
      await spend(files.reduce((sum, file) => sum + file.bytes, 0));
      const local: string[] = [];
      for (const { name } of files) {
        local.push(await openLocally(lake, `${peer.path}/${name}`, scratch));
      }
      const remarks =
        local.length > 0
          ? await checkAcross(duckdb, own, { path: peer.path, files: local })
          : [];
      audit.add(...remarks.map(remark => ({ ...remark, peer: peer.path })));
      compared += stored?.manifest ? 1 : 0;
    } catch (error) {
      if (codeOf(error) === 'stopped') {
        throw error;
      }
    }
  }
  if (compared === peers.length) {
    audit.carriedOut('duplicate_across_partitions');
  }
}

/** DuckDB's words for a file that is not what it should be. */
function isAboutTheFile(error: unknown): boolean {
  return /^(Invalid Input|Invalid|Binder|Conversion|IO|Serialization) Error|snappy|zstd|thrift|parquet/i.test(
    wordsOf(error),
  );
}

/** Of what is there, whatever was said about it. */
function digestOf(manifestSha256: string, files: PresentFile[]): string {
  const lines = files.map(({ name, sha256 }) => `${name} ${sha256}`).sort();
  return createHash('sha256')
    .update([manifestSha256, ...lines].join('\n'))
    .digest('hex');
}
