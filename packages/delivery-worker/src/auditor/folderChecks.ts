import { AuditFinding, KnownRevision } from '@millrace/ledger';
import { MANIFEST_NAME, placeOf, splitKey } from './places';
import { readStoredManifest } from './storedManifest';
import { LakeReader, RevisionPlace } from './types';

/** Told of one folder; the rest is a number in the last one's message. */
const MAX_UNKNOWN = 100;

/** Files of ids that were merged from several partitions have their own books. */
const IDS_SUFFIX = '.ids';

/** @internal */
export interface CheckFolderOptions {
  lake: LakeReader;
  eventType: string;
  /**
   * What the ledger knows of the given buckets, asked after the folder was
   * listed; without a ledger what the manifests say is all there is.
   */
  knownRevisions?: (bucketStarts: Date[]) => Promise<KnownRevision[]>;
}

/**
 * Searches the folder of an event type for what nobody knows: files that no
 * manifest names, and published partitions that the ledger never sealed.
 *
 * What is being sealed is left alone. A bucket has its row in the ledger before
 * its first file is in the lake, and the ledger is asked after the lake was
 * listed, so what the ledger does not know then is not on its way. A file that
 * is gone when it is looked at again was a left-over, and is no finding.
 *
 * @internal
 */
export async function checkFolder(options: CheckFolderOptions): Promise<{
  findings: AuditFinding[];
  objects: number;
  /** Folders where revisions lie, published or not. */
  revisions: number;
  /** The published ones. */
  places: RevisionPlace[];
}> {
  const { lake, eventType, knownRevisions } = options;
  const keys = await lake.list(eventType);
  const folders = new Map<string, string[]>();
  const strays: string[] = [];
  for (const key of keys) {
    const { folder, name } = splitKey(key);
    if (placeOf(folder)) {
      const names = folders.get(folder);
      if (names) {
        names.push(name);
      } else {
        folders.set(folder, [name]);
      }
    } else if (!name.endsWith(IDS_SUFFIX)) {
      strays.push(key);
    }
  }
  const all = [...folders.keys()].flatMap(folder => placeOf(folder) ?? []);
  const known = knownRevisions && indexOf(await knownRevisions(bucketsOf(all)));

  const unknownPartitions: RevisionPlace[] = [];
  const places: RevisionPlace[] = [];
  for (const place of all) {
    const names = folders.get(place.path) ?? [];
    const isPublished = names.includes(MANIFEST_NAME);
    const inLedger = known?.get(keyOf(place));
    if (inLedger?.state === 'sealing') {
      continue;
    }
    if (isPublished) {
      places.push(place);
      if (known && !inLedger) {
        unknownPartitions.push(place);
      }
    }
    const named = await namesOf(lake, place, names, inLedger);
    strays.push(
      ...names
        .filter(name => !named.has(name))
        .map(name => `${place.path}/${name}`),
    );
  }
  return {
    findings: [
      ...unknownPartitions.map(place => ({
        code: 'unknown_partition' as const,
        message: `${place.path} is published, and the ledger has no such partition`,
        eventType,
        bucketStart: place.bucketStart,
        revision: place.revision,
      })),
      ...(await describeStrays(lake, eventType, strays)),
    ],
    objects: keys.length,
    revisions: all.length,
    places,
  };
}

/** The names that belong into a revision's folder. */
async function namesOf(
  lake: LakeReader,
  place: RevisionPlace,
  names: string[],
  inLedger: KnownRevision | undefined,
): Promise<Set<string>> {
  const named = new Set([MANIFEST_NAME, ...(inLedger?.files ?? [])]);
  if (inLedger) {
    // Readers of rows do not see them, and the ledger has books of its own.
    names
      .filter(name => name.endsWith(IDS_SUFFIX))
      .forEach(name => named.add(name));
  }
  if (names.some(name => !named.has(name))) {
    const stored = await readStoredManifest(lake, place.path);
    const { files = [], ids } = stored?.manifest ?? {};
    files.forEach(({ name }) => named.add(name));
    if (ids) {
      named.add(ids.name);
    }
  }
  return named;
}

async function describeStrays(
  lake: LakeReader,
  eventType: string,
  strays: string[],
): Promise<AuditFinding[]> {
  const findings: AuditFinding[] = [];
  for (const key of strays) {
    if (findings.length === MAX_UNKNOWN) {
      findings[
        MAX_UNKNOWN - 1
      ].message += `; there are more, of ${strays.length} in all`;
      break;
    }
    if (await isThere(lake, key)) {
      const { folder, name } = splitKey(key);
      const place = placeOf(folder);
      findings.push({
        code: 'unknown_file',
        message: `${key} is in the lake, and no manifest names it`,
        eventType,
        bucketStart: place?.bucketStart,
        revision: place?.revision,
        file: place ? name : key,
      });
    }
  }
  return findings;
}

/** A name that no key can have cannot be asked for; it was listed, so it is. */
async function isThere(lake: LakeReader, key: string): Promise<boolean> {
  try {
    return (await lake.stat(key)) !== undefined;
  } catch {
    return true;
  }
}

function bucketsOf(places: RevisionPlace[]): Date[] {
  const times = new Set(places.map(({ bucketStart }) => bucketStart.getTime()));
  return [...times].map(time => new Date(time));
}

function keyOf(revision: { bucketStart: Date; revision: number }): string {
  return `${revision.bucketStart.getTime()} ${revision.revision}`;
}

function indexOf(revisions: KnownRevision[]): Map<string, KnownRevision> {
  return new Map(revisions.map(revision => [keyOf(revision), revision]));
}
