import type { AccessLimits } from '@millrace/gateway';
import { UsageError } from '../errors';

/** The setting of each limit, and whether it may be 0 and must be whole. */
const SETTINGS: Record<
  keyof AccessLimits,
  { env: string; min: number; isWhole?: boolean }
> = {
  serverEventsPerSecond: {
    env: 'MILLRACE_GATEWAY_SERVER_EVENTS_PER_SECOND',
    min: 1,
  },
  serverBytesPerSecond: {
    env: 'MILLRACE_GATEWAY_SERVER_BYTES_PER_SECOND',
    min: 1,
  },
  browserEventsPerSecond: {
    env: 'MILLRACE_GATEWAY_BROWSER_EVENTS_PER_SECOND',
    min: 1,
  },
  browserBytesPerSecond: {
    env: 'MILLRACE_GATEWAY_BROWSER_BYTES_PER_SECOND',
    min: 1,
  },
  browserEventsPerSecondPerAddress: {
    env: 'MILLRACE_GATEWAY_BROWSER_EVENTS_PER_SECOND_PER_ADDRESS',
    min: 0.1,
  },
  requestsPerSecondPerAddress: {
    env: 'MILLRACE_GATEWAY_REQUESTS_PER_SECOND_PER_ADDRESS',
    min: 0.1,
  },
  failedAuthenticationsPerSecondPerAddress: {
    env: 'MILLRACE_GATEWAY_FAILED_AUTHENTICATIONS_PER_SECOND_PER_ADDRESS',
    min: 0.1,
  },
  burstSeconds: { env: 'MILLRACE_GATEWAY_BURST_SECONDS', min: 1 },
  maxTrackedAddresses: {
    env: 'MILLRACE_GATEWAY_MAX_TRACKED_ADDRESSES',
    min: 1_000,
    isWhole: true,
  },
  trustedProxyHops: {
    env: 'MILLRACE_GATEWAY_TRUSTED_PROXY_HOPS',
    min: 0,
    isWhole: true,
  },
};

/**
 * Reads the limits of write keys and addresses; what is not set stays at the
 * gateway's default.
 *
 * @throws UsageError that names the setting and what it takes
 */
export function readAccessLimits(
  env: NodeJS.ProcessEnv,
): Partial<AccessLimits> {
  const limits: Partial<AccessLimits> = {};
  for (const [name, { env: variable, min, isWhole }] of Object.entries(
    SETTINGS,
  )) {
    const text = env[variable];
    if (!text) {
      continue;
    }
    const value = Number(text);
    const isGood =
      Number.isFinite(value) && value >= min && (!isWhole || value % 1 === 0);
    if (!isGood) {
      throw new UsageError(
        'invalid_environment',
        `${variable} is '${text}', which is not a ${
          isWhole ? 'whole ' : ''
        }number of at least ${min}.`,
        `Set ${variable} to such a number, or leave it out for the default.`,
      );
    }
    limits[name as keyof AccessLimits] = value;
  }
  return limits;
}
