import { UsageError } from '../errors';

/** Reads a setting a role cannot run without. */
export function requireEnv(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) {
    throw new UsageError(
      'invalid_environment',
      `${name} is not set.`,
      `Set ${name}; docs/operations.md lists the settings of each role.`,
    );
  }
  return value;
}

/** Reads a TCP port. */
export function requirePort(env: NodeJS.ProcessEnv, name: string): number {
  const value = requireEnv(env, name);
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new UsageError(
      'invalid_environment',
      `${name} is '${value}', which is not a port.`,
      `Set ${name} to a number from 0 to 65535.`,
    );
  }
  return port;
}

/**
 * Reads a number of days, a part of one included.
 *
 * @returns milliseconds, or `undefined` when it is not set
 */
export function optionalDays(
  env: NodeJS.ProcessEnv,
  name: string,
): number | undefined {
  const value = env[name];
  if (!value) {
    return undefined;
  }
  const days = Number(value);
  if (!(days > 0 && days <= 3650)) {
    throw new UsageError(
      'invalid_environment',
      `${name} is '${value}', which is not a number of days.`,
      `Set ${name} to a number above 0, at most 3650.`,
    );
  }
  return days * 24 * 60 * 60_000;
}

/**
 * Reads a number from 0 to a highest one.
 *
 * @returns `undefined` when it is not set
 */
export function optionalNumber(
  env: NodeJS.ProcessEnv,
  name: string,
  highest: number,
): number | undefined {
  const value = env[name];
  if (!value) {
    return undefined;
  }
  const number = Number(value);
  if (!(number >= 0 && number <= highest)) {
    throw new UsageError(
      'invalid_environment',
      `${name} is '${value}', which is not a number from 0 to ${highest}.`,
      `Set ${name} to a number from 0 to ${highest}, or leave it out.`,
    );
  }
  return number;
}
