import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AuditorError,
  LakeVerification,
  verifyLake,
} from '@millrace/delivery-worker';
import { createLedgerClient } from '@millrace/ledger';
import { UsageError } from '../errors';
import { describeVerification, verificationToJson } from './describe';
import { parseVerifyOptions, VerifyFlags, VerifyOptions } from './options';

/** Everything is as it was sealed. */
const EXIT_OK = 0;
/** Something was found. */
const EXIT_FINDINGS = 1;
/** Nothing was verified: bad usage, no such folder, no connection. */
const EXIT_NOT_VERIFIED = 2;

/** A line about progress at most so often. */
const PROGRESS_MS = 1_000;

/** @internal */
export interface VerifyOutput {
  /** The result. */
  print: (line: string) => void;
  /** Progress and complaints: what a pipe does not want. */
  note: (line: string) => void;
}

/**
 * Carries out `millrace verify`: audits a lake by hand, and only reads it.
 *
 * @returns the exit code: 0 when everything is as it was sealed, 1 with
 * findings, 2 when nothing could be verified. It never throws, so that no other
 * failure can be taken for a finding.
 */
export async function runVerify(
  folder: string | undefined,
  flags: VerifyFlags,
  env: NodeJS.ProcessEnv,
  output: VerifyOutput = {
    print: line => process.stdout.write(`${line}\n`),
    note: line => process.stderr.write(`${line}\n`),
  },
): Promise<number> {
  try {
    const options = parseVerifyOptions(folder, flags, env);
    const result = await verify(options, output);
    if (options.isJson) {
      output.print(verificationToJson(result));
    } else {
      describeVerification(result).forEach(output.print);
    }
    return result.findings.length === 0 ? EXIT_OK : EXIT_FINDINGS;
  } catch (error) {
    output.note(describeFailure(error));
    return EXIT_NOT_VERIFIED;
  }
}

async function verify(
  options: VerifyOptions,
  { note }: VerifyOutput,
): Promise<LakeVerification> {
  const ledger =
    options.ledgerUrl === undefined
      ? undefined
      : createLedgerClient({ connectionString: options.ledgerUrl });
  let notedAt = 0;
  try {
    return await verifyLake({
      root: options.root,
      ledger,
      eventTypes: options.eventTypes,
      tempDirectory: path.join(tmpdir(), `millrace-verify-${randomUUID()}`),
      onProgress: ({ eventType, done, total, findings }) => {
        const now = performance.now();
        if (done === total || now - notedAt > PROGRESS_MS) {
          notedAt = now;
          note(`${eventType}: ${done} of ${total} partitions`);
        }
        findings.forEach(({ code, message }) =>
          note(`  ✖ ${code}: ${message}`),
        );
      },
    });
  } finally {
    await ledger?.destroy();
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof UsageError) {
    return `\n✖ ${error.message}\n  Do:   ${error.todo}`;
  }
  if (error instanceof AuditorError) {
    return `\n✖ ${error.message}`;
  }
  const words = error instanceof Error ? error.message : String(error);
  return `\n✖ The lake could not be verified: ${words}`;
}
