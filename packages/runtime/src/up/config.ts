import fs from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Database } from './database';
import type { UpOptions } from './options';

/**
 * Writes the settings that are decided at start-up as a Backstage config file,
 * loaded after app-config.yaml. Readable by this user only: it holds secrets.
 *
 * @param command how the portal's backend starts the roles of the data plane
 * @returns path of the file
 */
export async function writeRuntimeConfig(
  options: UpOptions,
  database: Database,
  command: string[],
): Promise<string> {
  const { dataDir, ports } = options;
  const baseUrl = `http://localhost:${ports.portal}`;
  const config = {
    app: { baseUrl },
    backend: {
      baseUrl,
      listen: { host: '127.0.0.1', port: ports.portal },
      cors: { origin: baseUrl },
      database: { client: 'pg', connection: database.url },
    },
    delivery: {
      mode: 'embedded',
      bucket: options.bucket,
      dataDir,
      broker: { address: `127.0.0.1:${ports.broker}` },
      gateway: {
        url: `http://localhost:${ports.gateway}`,
        port: ports.gateway,
      },
      ledger: { connection: database.ledgerUrl },
      lake: { root: path.join(dataDir, 'lake') },
      staging: { dir: path.join(dataDir, 'staging') },
      embedded: { command },
    },
  };
  const file = path.join(dataDir, 'app-config.runtime.yaml');
  await fs.writeFile(
    file,
    `# Written at every start; changes here are lost.\n${stringify(config)}`,
    { mode: 0o600 },
  );
  return file;
}
