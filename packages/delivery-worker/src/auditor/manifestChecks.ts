import { PartitionCounts, PartitionFile } from '@millrace/lake';
import { AuditFindingCode, AuditSubject } from '@millrace/ledger';
import { MANIFEST_NAME } from './places';
import { AuditedManifest, StoredManifest } from './storedManifest';
import { RevisionPlace } from './types';

/** A finding before it is told where. */
export interface Remark {
  code: AuditFindingCode;
  message: string;
}

/** Whether a manifest speaks of the folder it lies in. */
export function checkPlace(
  manifest: AuditedManifest,
  place: RevisionPlace,
): Remark[] {
  const { bucket } = manifest;
  const startMs = Date.parse(bucket.start);
  const wrong = [
    manifest.endpoint !== place.eventType && 'data endpoint',
    manifest.eventType !== place.eventType && 'event type',
    startMs !== place.bucketStart.getTime() && 'start of the bucket',
    Date.parse(bucket.end) !== startMs + bucket.seconds * 1000 &&
      'end of the bucket',
    manifest.revision !== place.revision && 'revision',
  ].filter(name => name !== false);
  return wrong.length === 0
    ? []
    : [
        {
          code: 'manifest_misplaced',
          message: `The manifest in ${
            place.path
          } is that of another partition: ${wrong.join(', ')} differ`,
        },
      ];
}

/** Whether every accepted event has one fate, by what `who` says. */
export function checkBalance(
  who: 'manifest' | 'ledger',
  counts: PartitionCounts,
  files: PartitionFile[],
): Remark[] {
  const { accepted, delivered, duplicates, refused } = counts;
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const problems: string[] = [];
  if (accepted !== delivered + duplicates + refused) {
    problems.push(
      `${accepted} accepted are not ${delivered} delivered + ${duplicates} duplicates + ${refused} refused`,
    );
  }
  if (rows !== delivered) {
    problems.push(
      `${delivered} delivered are not the ${rows} rows of its files`,
    );
  }
  if (counts.conflicts > delivered || counts.skewed > accepted) {
    problems.push('a part is larger than its whole');
  }
  return problems.map(problem => ({
    code: 'counts_do_not_balance',
    message: `The books of the ${who} do not balance: ${problem}`,
  }));
}

const COUNTS = [
  'accepted',
  'delivered',
  'duplicates',
  'refused',
  'conflicts',
  'skewed',
] as const;

/** Whether the manifest is the one that the ledger saw sealed. */
export function checkAgainstLedger(
  stored: StoredManifest,
  place: RevisionPlace,
  subject: AuditSubject,
): Remark[] {
  const { manifest } = stored;
  const differences: string[] = [];
  if (subject.manifestPath !== `${place.path}/${MANIFEST_NAME}`) {
    differences.push('it lies elsewhere than the ledger says');
  }
  if (subject.manifestSha256 !== stored.sha256) {
    differences.push('its SHA-256 is not that of the sealed one');
  }
  if (manifest) {
    for (const name of COUNTS) {
      const inLake = manifest.counts[name];
      if (inLake !== subject[name]) {
        differences.push(
          `${name} is ${inLake}, in the ledger ${subject[name]}`,
        );
      }
    }
    if (!areSameFiles(manifest.files, subject.files)) {
      differences.push('it names other files');
    }
  }
  return differences.length === 0
    ? []
    : [
        {
          code: 'manifest_differs_from_ledger',
          message: `The manifest of ${
            place.path
          } is not the one that was sealed: ${differences.join('; ')}`,
        },
      ];
}

function areSameFiles(left: PartitionFile[], right: PartitionFile[]): boolean {
  const textOf = (files: PartitionFile[]) =>
    files
      .map(file =>
        JSON.stringify([file.name, file.rows, file.bytes, file.sha256]),
      )
      .sort()
      .join('\n');
  return textOf(left) === textOf(right);
}
