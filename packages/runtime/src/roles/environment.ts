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
 * Reads a number of MiB.
 *
 * @returns bytes, or `undefined` when it is not set
 */
export function optionalMebibytes(
  env: NodeJS.ProcessEnv,
  name: string,
): number | undefined {
  const value = env[name];
  if (!value) {
    return undefined;
  }
  const mebibytes = Number(value);
  if (!(mebibytes > 0 && mebibytes <= 1024 * 1024)) {
    throw new UsageError(
      'invalid_environment',
      `${name} is '${value}', which is not a number of MiB.`,
      `Set ${name} to a number above 0.`,
    );
  }
  return mebibytes * 1024 * 1024;
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
 * Reads the lateness objectives of the three tiers, all of them or none.
 *
 * @returns milliseconds by tier, or `undefined` when none is set
 */
export function optionalObjectives(
  env: NodeJS.ProcessEnv,
): { critical: number; normal: number; low: number } | undefined {
  const names = ['CRITICAL', 'NORMAL', 'LOW'].map(
    tier => `MILLRACE_LATENESS_${tier}_SECONDS`,
  );
  if (names.every(name => !env[name])) {
    return undefined;
  }
  const [critical, normal, low] = names.map(name => {
    const seconds = Number(requireEnv(env, name));
    if (!(seconds > 0)) {
      throw new UsageError(
        'invalid_environment',
        `${name} is '${env[name]}', which is not a number of seconds.`,
        `Set ${names.join(', ')} to numbers above 0, or none of them.`,
      );
    }
    return seconds * 1000;
  });
  return { critical, normal, low };
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
