import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { parseBucketDuration } from '@millrace/schema';

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
  projectId: string;
  /** `host:port` of a local broker; `undefined` is Google Cloud Pub/Sub. */
  brokerAddress?: string;
  gatewayUrl: string;
  ledgerConnection: string;
  lakeRoot: string;
  /** Present in embedded mode only. */
  embedded?: EmbeddedConfig;
}

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
  return {
    bucketSeconds: readBucketSeconds(config),
    projectId: config.getOptionalString('projectId') ?? 'millrace',
    brokerAddress,
    gatewayUrl,
    ledgerConnection: config.getString('ledger.connection'),
    lakeRoot: config.getString('lake.root'),
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

function readUrl(config: Config, key: string): string {
  const text = config.getString(key);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InputError(
      `Invalid delivery.${key}, expected a URL such as 'http://localhost:7008' but got '${text}'`,
    );
  }
  return text;
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
