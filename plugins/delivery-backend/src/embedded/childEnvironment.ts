import { parseLakeLocation } from '@millrace/lake';
import type { ProcessRole } from '@millrace/plugin-delivery-common';
import type { DeliveryConfig, EmbeddedConfig } from '../config';

/**
 * What a child may see of this process' environment. Everything else stays
 * here: the portal's environment holds secrets of other plugins.
 */
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'MILLRACE_DEBUG',
];

/**
 * Where the Google clients find their credentials and, in tests, their servers.
 * For the worker alone, and only when it works with Google.
 */
const GOOGLE = [
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_CLOUD_PROJECT',
  'GCE_METADATA_HOST',
  'STORAGE_EMULATOR_HOST',
  'BIGQUERY_EMULATOR_HOST',
];

/**
 * The environment of a role: what the role reads, and no more. Secrets go this
 * way and never as arguments, which every user of the machine could list.
 */
export function childEnvironment(
  role: ProcessRole,
  config: DeliveryConfig & { embedded: EmbeddedConfig },
  ownEnv: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { embedded } = config;
  const base = pick(ownEnv, PASSED_ON);
  const isLakeAtGoogle = [config.lakeRoot, config.avro?.root].some(
    root => root !== undefined && parseLakeLocation(root).kind === 'gcs',
  );
  const clients = {
    MILLRACE_LEDGER_URL: config.ledgerConnection,
    MILLRACE_PROJECT_ID: config.projectId,
    PUBSUB_EMULATOR_HOST: config.brokerAddress,
    // The Google clients look for a metadata server of Google Cloud, even with
    // a local broker; on other machines that is a slow no.
    METADATA_SERVER_DETECTION: 'none',
  };
  switch (role) {
    case 'broker':
      return {
        ...base,
        MILLRACE_DATA_DIR: embedded.dataDir,
        MILLRACE_BROKER_PORT: String(embedded.brokerPort),
      };
    case 'gateway':
      return {
        ...base,
        ...clients,
        MILLRACE_DATA_DIR: embedded.dataDir,
        MILLRACE_GATEWAY_ID: 'gateway-1',
        MILLRACE_GATEWAY_HOST: '127.0.0.1',
        MILLRACE_GATEWAY_PORT: String(embedded.gatewayPort),
        ...limitSettings(config.gatewayLimits),
      };
    default:
      return {
        ...base,
        ...clients,
        ...(isLakeAtGoogle && {
          ...pick(ownEnv, GOOGLE),
          // The metadata server may be where the credentials come from.
          METADATA_SERVER_DETECTION: ownEnv.METADATA_SERVER_DETECTION,
        }),
        MILLRACE_DATA_DIR: embedded.dataDir,
        MILLRACE_WORKER_ID: 'worker-1',
        MILLRACE_LAKE_ROOT: config.lakeRoot,
        MILLRACE_STAGING_DIR: embedded.stagingDir,
        ...(config.bigQuery && {
          MILLRACE_BIGQUERY_DATASET: config.bigQuery.dataset,
          MILLRACE_BIGQUERY_LOCATION: config.bigQuery.location,
        }),
        ...(config.avro && {
          MILLRACE_AVRO_ROOT: config.avro.root,
          MILLRACE_AVRO_EVENT_TYPES: config.avro.eventTypes?.join(','),
        }),
        MILLRACE_AUDIT_CYCLE_DAYS: String(config.audit.cycleDays),
        ...(config.audit.readMebibytesPerSecond !== undefined && {
          MILLRACE_AUDIT_READ_MIB_PER_SECOND: String(
            config.audit.readMebibytesPerSecond,
          ),
        }),
        ...objectiveSettings({ ...config.latenessObjectivesMs }),
        ...(config.refusedRetentionDays !== undefined && {
          MILLRACE_REFUSED_RETENTION_DAYS: String(config.refusedRetentionDays),
        }),
        ...(config.stagedRetentionHours !== undefined && {
          MILLRACE_STAGED_RETENTION_HOURS: String(config.stagedRetentionHours),
        }),
        ...(config.stagedMaxBytes !== undefined && {
          MILLRACE_STAGED_MAX_BYTES: String(config.stagedMaxBytes),
        }),
      };
  }
}

function pick(env: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    names
      .filter(name => env[name] !== undefined)
      .map(name => [name, env[name]]),
  );
}
function objectiveSettings(objectivesMs: {
  [tier: string]: number;
}): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(objectivesMs).map(([tier, ms]) => [
      `MILLRACE_LATENESS_${tier.toUpperCase()}_SECONDS`,
      String(ms / 1000),
    ]),
  );
}

/** `burstSeconds` is told to the gateway as `MILLRACE_GATEWAY_BURST_SECONDS`. */
function limitSettings(limits: { [name: string]: number }): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(limits).map(([name, value]) => [
      `MILLRACE_GATEWAY_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
      String(value),
    ]),
  );
}
