/**
 * Something to be said of a contract.
 *
 * @public
 */
export interface ContractFinding {
  /** From a closed list; docs/contracts.md has it. */
  code: string;
  severity: 'error' | 'warning' | 'note';
  /** RFC 6901 pointer into the contract. */
  pointer: string;
  /** Of the text that was sent, from 1. */
  line?: number;
  message: string;
}

/**
 * What becomes of a line of a contract's service levels.
 *
 * - `measured`: Millrace measures it for every partition, against an objective
 *   that is at least as strict.
 * - `differs`: it measures it against another one.
 * - `declared only`: nobody measures it here.
 *
 * @public
 */
export interface ContractServiceLevel {
  /** RFC 6901 pointer into the contract. */
  pointer: string;
  property: string;
  value: unknown;
  unit?: string;
  status: 'measured' | 'differs' | 'declared only';
  why: string;
}

/**
 * The answer of `GET /event-types/:name/contract/report`.
 *
 * @public
 */
export interface ContractReport {
  /** Whether somebody wrote it, or Millrace did. */
  source: 'generated' | 'imported';
  importedAt?: string;
  importedBy?: string;
  findings: ContractFinding[];
  serviceLevels: ContractServiceLevel[];
}

/**
 * The answer of `POST /event-types/:name/contract/check`.
 *
 * @public
 */
export interface ContractCheck {
  /** Whether it would be kept. */
  isKept: boolean;
  /** Errors first. */
  findings: ContractFinding[];
  serviceLevels: ContractServiceLevel[];
}
