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
 * The environment of a role: what the role reads, and no more. Secrets go this
 * way and never as arguments, which every user of the machine could list.
 */
export function childEnvironment(
  role: ProcessRole,
  config: DeliveryConfig & { embedded: EmbeddedConfig },
  ownEnv: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { embedded } = config;
  const base = Object.fromEntries(
    PASSED_ON.filter(name => ownEnv[name] !== undefined).map(name => [
      name,
      ownEnv[name],
    ]),
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
        MILLRACE_DATA_DIR: embedded.dataDir,
        MILLRACE_WORKER_ID: 'worker-1',
        MILLRACE_LAKE_ROOT: config.lakeRoot,
        MILLRACE_STAGING_DIR: embedded.stagingDir,
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

/** `burstSeconds` is told to the gateway as `MILLRACE_GATEWAY_BURST_SECONDS`. */
function limitSettings(limits: { [name: string]: number }): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(limits).map(([name, value]) => [
      `MILLRACE_GATEWAY_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
      String(value),
    ]),
  );
}
