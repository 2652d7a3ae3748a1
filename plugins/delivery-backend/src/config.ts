import { type Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import { parseLakeLocation } from '@millrace/lake';
import {
  defaultLatenessObjectivesMs,
  type LatenessObjectivesMs,
  parseBucketDuration,
} from '@millrace/schema';
import type { SigningConfig } from './access';

/** What the embedded processes need beyond {@link DeliveryConfig}. */
export interface EmbeddedConfig {
  /** Program and first arguments; the role is appended. */
  command: string[];
  dataDir: string;
  stagingDir: string;
  brokerPort: number;
  gatewayPort: number;
}

export interface DeliveryConfig {
  bucketSeconds: number;
  /** Per tier, the lateness up to which a partition is on time. */
  latenessObjectivesMs: LatenessObjectivesMs;
  projectId: string;
  /** `host:port` of a local broker; `undefined` is Google Cloud Pub/Sub. */
  brokerAddress?: string;
  /** How long an orphan at the broker is listed before it is deleted; ms. */
  orphanGraceMs: number;
  gatewayUrl: string;
  /** Limits of the embedded gateway that are set, by their name. */
  gatewayLimits: { [name: string]: number };
  ledgerConnection: string;
  /** A folder, or `gs://bucket/prefix`. */
  lakeRoot: string;
  /** Where the embedded worker loads sealed partitions to, beside the lake. */
  bigQuery?: { dataset: string; location: string };
  /** Where the embedded worker writes them as Avro; `eventTypes`: or all. */
  avro?: { root: string; eventTypes?: string[] };
  /** By which keys manifests are signed. */
  manifestSigning: SigningConfig;
  /** How long refused events are kept; `undefined` leaves it to the worker. */
  refusedRetentionDays?: number;
  audit: {
    /** Within which the auditor comes round. */
    cycleDays: number;
    /** What it may read; `undefined` leaves it to the worker. */
    readMebibytesPerSecond?: number;
  };
  /** Whom to tell of what the auditor finds, beside the owner. */
  platformTeam?: string;
  /** How long staged files outlive sealing; likewise. */
  stagedRetentionHours?: number;
  /** How many bytes of them do; likewise. */
  stagedMaxBytes?: number;
  /** Present in embedded mode only. */
  embedded?: EmbeddedConfig;
}

/** As the worker has it when nobody says anything. */
const DEFAULT_CYCLE_DAYS = 7;

/**
 * Reads `delivery.*`.
 *
 * @throws InputError naming the key and the right form
 */
export function readDeliveryConfig(rootConfig: Config): DeliveryConfig {
  const config = rootConfig.getConfig('delivery');
  const mode = config.getString('mode');
  if (mode !== 'embedded' && mode !== 'external') {
    throw new InputError(
      `Invalid delivery.mode, expected 'embedded' or 'external' but got '${mode}'`,
    );
  }
  const brokerAddress = config.getOptionalString('broker.address');
  const gatewayUrl = readUrl(config, 'gateway.url');
  const bucketSeconds = readBucketSeconds(config);
  return {
    bucketSeconds,
    latenessObjectivesMs: readObjectives(config, bucketSeconds),
    projectId: config.getOptionalString('projectId') ?? 'millrace',
    brokerAddress,
    orphanGraceMs: readOrphanGrace(config),
    gatewayUrl,
    gatewayLimits: readGatewayLimits(config),
    ledgerConnection: config.getString('ledger.connection'),
    lakeRoot: readLake(config),
    bigQuery: readBigQuery(config),
    avro: readAvro(config),
    manifestSigning: {
      privateKey: config.getOptionalString('manifestSigning.privateKey'),
      formerPublicKeys:
        config.getOptionalStringArray('manifestSigning.formerPublicKeys') ?? [],
      dataDir: config.getOptionalString('dataDir'),
    },
    refusedRetentionDays: readDays(config, 'refusedEvents.retentionDays'),
    audit: {
      cycleDays: readDays(config, 'audit.cycleDays') ?? DEFAULT_CYCLE_DAYS,
      readMebibytesPerSecond: readPositive(
        config,
        'audit.readMebibytesPerSecond',
      ),
    },
    platformTeam: rootConfig
      .getOptionalString('permission.dataPlatform.platformTeam')
      ?.toLocaleLowerCase('en-US'),
    stagedRetentionHours: readHours(config, 'staging.retentionHours'),
    stagedMaxBytes: readBytes(config, 'staging.maxSealedBytes'),
    embedded:
      mode === 'embedded'
        ? {
            command: readCommand(config),
            dataDir: config.getString('dataDir'),
            stagingDir: config.getString('staging.dir'),
            brokerPort: parsePort('broker.address', brokerAddress),
            gatewayPort:
              config.getOptionalNumber('gateway.port') ??
              parsePort('gateway.url', new URL(gatewayUrl).host),
          }
        : undefined,
  };
}

function readBucketSeconds(config: Config): number {
  const text = config.getOptionalString('bucket') ?? 'PT1H';
  try {
    return parseBucketDuration(text);
  } catch (error) {
    throw new InputError(
      `Invalid delivery.bucket, expected a duration that divides one hour evenly, such as 'PT1H' or 'PT1M', but got '${text}'`,
      error,
    );
  }
}

/** What is left out has its default, by the length of the bucket. */
function readObjectives(
  config: Config,
  bucketSeconds: number,
): LatenessObjectivesMs {
  const objectives = defaultLatenessObjectivesMs(bucketSeconds);
  for (const tier of ['critical', 'normal', 'low'] as const) {
    const key = `lateness.${tier}`;
    if (config.has(key)) {
      objectives[tier] = durationToMilliseconds(
        readDurationFromConfig(config, { key }),
      );
    }
  }
  const { critical, normal, low } = objectives;
  if (!(critical > 0 && critical <= normal && normal <= low)) {
    throw new InputError(
      `Invalid delivery.lateness, expected durations such as { critical: PT15M, normal: PT1H, low: PT4H }, none stricter than that of a more critical tier, but got ${critical}, ${normal} and ${low} ms`,
    );
  }
  return objectives;
}

const DEFAULT_ORPHAN_GRACE_MS = 7 * 24 * 60 * 60 * 1000;

function readOrphanGrace(config: Config): number {
  const key = 'broker.orphanGrace';
  return config.has(key)
    ? durationToMilliseconds(readDurationFromConfig(config, { key }))
    : DEFAULT_ORPHAN_GRACE_MS;
}

function readUrl(config: Config, key: string): string {
  const text = config.getString(key);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InputError(
      `Invalid delivery.${key}, expected a URL such as 'http://localhost:7008' but got '${text}'`,
    );
  }
  return text;
}

function readLake(config: Config): string {
  const root = config.getString('lake.root');
  try {
    parseLakeLocation(root);
    return root;
  } catch (error) {
    throw new InputError(
      `Invalid delivery.lake.root, expected a folder or a bucket such as 'gs://my-lake/events' but got '${root}'`,
      error,
    );
  }
}

function readBigQuery(config: Config): DeliveryConfig['bigQuery'] {
  const settings = config.getOptionalConfig('sinks.bigQuery');
  if (!settings) {
    return undefined;
  }
  if (parseLakeLocation(config.getString('lake.root')).kind !== 'gcs') {
    throw new InputError(
      "Invalid delivery.sinks.bigQuery: BigQuery loads from Cloud Storage, so delivery.lake.root has to be a bucket such as 'gs://my-lake'",
    );
  }
  return {
    dataset: settings.getString('dataset'),
    location: settings.getString('location'),
  };
}

function readAvro(config: Config): DeliveryConfig['avro'] {
  const settings = config.getOptionalConfig('sinks.avro');
  if (!settings) {
    return undefined;
  }
  const root = settings.getString('root');
  if (root === config.getString('lake.root')) {
    throw new InputError(
      `Invalid delivery.sinks.avro.root, expected a place of its own but got that of the lake, '${root}'`,
    );
  }
  const eventTypes = settings.getOptionalStringArray('eventTypes');
  return { root, ...(eventTypes && { eventTypes }) };
}

function readDays(config: Config, key: string): number | undefined {
  const days = config.getOptionalNumber(key);
  if (days !== undefined && !(days > 0 && days <= 3650)) {
    throw new InputError(
      `Invalid delivery.${key}, expected a number of days above 0, such as 30, but got '${days}'`,
    );
  }
  return days;
}

function readPositive(config: Config, key: string): number | undefined {
  const value = config.getOptionalNumber(key);
  if (value !== undefined && !(value > 0)) {
    throw new InputError(
      `Invalid delivery.${key}, expected a number above 0, such as 32, but got '${value}'`,
    );
  }
  return value;
}

/** Beyond it the ledger no longer knows which files belong to a partition. */
const MAX_STAGED_HOURS = 30 * 24;

function readHours(config: Config, key: string): number | undefined {
  const hours = config.getOptionalNumber(key);
  if (hours !== undefined && !(hours >= 0 && hours <= MAX_STAGED_HOURS)) {
    throw new InputError(
      `Invalid delivery.${key}, expected a number of hours from 0 to ${MAX_STAGED_HOURS}, such as 48, but got '${hours}'`,
    );
  }
  return hours;
}

function readBytes(config: Config, key: string): number | undefined {
  const bytes = config.getOptionalNumber(key);
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes >= 0)) {
    throw new InputError(
      `Invalid delivery.${key}, expected a whole number of bytes, such as 10737418240, but got '${bytes}'`,
    );
  }
  return bytes;
}

const GATEWAY_LIMITS = [
  'serverEventsPerSecond',
  'serverBytesPerSecond',
  'browserEventsPerSecond',
  'browserBytesPerSecond',
  'browserEventsPerSecondPerAddress',
  'requestsPerSecondPerAddress',
  'failedAuthenticationsPerSecondPerAddress',
  'burstSeconds',
  'trustedProxyHops',
];

function readGatewayLimits(config: Config): { [name: string]: number } {
  const limits = config.getOptionalConfig('gateway.limits');
  const known = GATEWAY_LIMITS.map(name => `'${name}'`).join(', ');
  return Object.fromEntries(
    (limits?.keys() ?? []).map(name => {
      const value = limits?.getOptionalNumber(name);
      if (!GATEWAY_LIMITS.includes(name) || !(Number(value) >= 0)) {
        throw new InputError(
          `Invalid delivery.gateway.limits.${name}, expected a number, and one of ${known} as its name`,
        );
      }
      return [name, Number(value)];
    }),
  );
}

function readCommand(config: Config): string[] {
  const command = config.getStringArray('embedded.command');
  if (command.length === 0) {
    throw new InputError(
      "Invalid delivery.embedded.command, expected a program and its first arguments such as ['node', 'millrace'] but got an empty list",
    );
  }
  return command;
}

function parsePort(key: string, hostAndPort: string | undefined): number {
  const port = Number(/:(\d{1,5})$/.exec(hostAndPort ?? '')?.[1]);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new InputError(
      `Invalid delivery.${key}, expected it to end in a port in embedded mode, such as '127.0.0.1:7009', but got '${
        hostAndPort ?? ''
      }'`,
    );
  }
  return port;
}
