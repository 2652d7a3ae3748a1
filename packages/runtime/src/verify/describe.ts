import type { LakeVerification } from '@millrace/delivery-worker';

type Finding = LakeVerification['findings'][number];

/** Findings of one code that are printed; `--json` gives all. */
const MAX_PRINTED = 20;

/** The result for a person: findings by code, then the sum in one line. */
export function describeVerification(result: LakeVerification): string[] {
  const lines: string[] = [];
  for (const [code, findings] of groupByCode(result.findings)) {
    lines.push('', `${code} (${count(findings.length, 'finding')})`);
    lines.push(
      ...findings.slice(0, MAX_PRINTED).map(one => `  ✖ ${describe(one)}`),
    );
    if (findings.length > MAX_PRINTED) {
      lines.push(`  … and ${findings.length - MAX_PRINTED} more`);
    }
  }
  const seen = [
    count(result.eventTypes, 'event type'),
    count(result.revisions, 'partition'),
    count(result.rows, 'row'),
    `${(result.bytes / 1024 / 1024).toFixed(1)} MiB`,
  ].join(', ');
  const judge = result.withLedger
    ? 'compared with the ledger'
    : 'by its own manifests; without a ledger nobody can tell what is missing altogether';
  lines.push(
    '',
    `${seen}; ${judge}`,
    result.findings.length === 0
      ? '✔ Everything is as it was sealed'
      : `✖ ${count(
          result.findings.length,
          'finding',
        )}; docs/operations.md says what to do about each`,
  );
  return lines;
}

/** The result for a program: one object, times in ISO 8601. */
export function verificationToJson(result: LakeVerification): string {
  return JSON.stringify({
    ok: result.findings.length === 0,
    ...result,
  });
}

function describe(finding: Finding): string {
  const { message, producer, gateway } = finding;
  const origin: string[] = [];
  if (producer) {
    const { epoch, firstSequence, lastSequence } = producer;
    origin.push(
      `producer ${producer.producer}, epoch ${
        epoch ?? 'unknown'
      }, sequence ${range(firstSequence, lastSequence)}`,
    );
  }
  if (gateway) {
    origin.push(`gateway ${gateway.gateway}, epoch ${gateway.epoch}`);
  }
  const text =
    origin.length > 0 ? `${message} (${origin.join('; ')})` : message;
  // Names of files come from whoever could write to the lake.
  return text.replace(/\p{Cc}/gu, '\ufffd');
}

function range(first: number | undefined, last: number | undefined): string {
  if (first === undefined || last === undefined) {
    return 'unknown';
  }
  return first === last ? String(first) : `${first} to ${last}`;
}

function groupByCode(findings: Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.code);
    if (group) {
      group.push(finding);
    } else {
      groups.set(finding.code, [finding]);
    }
  }
  return groups;
}

function count(n: number, thing: string): string {
  return `${n.toLocaleString('en-US')} ${thing}${n === 1 ? '' : 's'}`;
}
