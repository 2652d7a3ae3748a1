import { UsageError } from '../errors';

/** The flags of `millrace verify` as they are typed. */
export interface VerifyFlags {
  ledger?: boolean;
  types?: string;
  json?: boolean;
}

/** What `millrace verify` was asked to do. */
export interface VerifyOptions {
  root: string;
  /** Connection string; missing when the lake is to be judged alone. */
  ledgerUrl?: string;
  eventTypes?: string[];
  isJson: boolean;
}

/**
 * Reads the arguments of `millrace verify`. The connection string of the ledger
 * holds a password, so it comes by the environment: arguments are seen by
 * everybody on the machine.
 *
 * @throws UsageError `invalid_option`, `invalid_environment`
 */
export function parseVerifyOptions(
  folder: string | undefined,
  flags: VerifyFlags,
  env: NodeJS.ProcessEnv,
): VerifyOptions {
  if (!folder) {
    throw new UsageError(
      'invalid_option',
      'The folder of the lake is missing.',
      'Name it, such as: millrace verify .millrace/lake',
    );
  }
  const ledgerUrl = env.MILLRACE_LEDGER_URL;
  if (flags.ledger && !ledgerUrl) {
    throw new UsageError(
      'invalid_environment',
      'MILLRACE_LEDGER_URL is not set.',
      'Set it to the connection string of the ledger, or leave out --ledger.',
    );
  }
  const eventTypes = flags.types
    ?.split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
  if (eventTypes?.length === 0) {
    throw new UsageError(
      'invalid_option',
      '--types names no event type.',
      'Name them, such as: --types shop.order_placed,shop.order_paid',
    );
  }
  return {
    root: folder,
    ledgerUrl: flags.ledger ? ledgerUrl : undefined,
    eventTypes,
    isJson: flags.json ?? false,
  };
}
