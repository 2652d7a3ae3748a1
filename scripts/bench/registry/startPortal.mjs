import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { startProcess } from '../bed/processes.mjs';
import { PROJECT, profiling, roleEnvironment } from '../bed/roles.mjs';
import { root } from '../../lib/project.mjs';
import { freePort } from '../../lib/testDatabase.mjs';
import { OWNERS, ownerOf } from './estate.mjs';

const require = createRequire(import.meta.url);
const { parse } = createRequire(
  path.join(root, 'packages/runtime/package.json'),
)('yaml');
const IDENTITY_HEADER = 'x-millrace-demo-identity';
const SESSION_MS = 5 * 60_000;
const READY_LIMIT_MS = 300_000;

/**
 * Starts the portal's backend as `npm start` does, from the same entry and with
 * the same app-config.yaml. What differs: broker, gateway and worker are started
 * beside it and not by it, so that each can be measured, or left out; and the
 * catalog looks at everything as often as app-config.production.yaml says.
 *
 * @param {import('../benchmarks/types').Context} context
 * @param {{ dir: string, profileDir?: string, connection: string,
 *   prefix: string, ledgerUrl: string, brokerPort: number }} options
 *   `prefix`: of the names of the plugins' databases
 */
export async function startPortal(context, options) {
  const { node, env, scope } = context;
  const { dir, profileDir } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = writeConfig({ ...options, url, port });
  const startedAt = performance.now();
  const portal = await startProcess({
    name: 'portal',
    command: [
      node,
      ...profiling(profileDir, 'portal'),
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      '--require',
      path.join(root, 'packages/runtime/bin/exit-with-parent.cjs'),
      path.join(root, 'packages/backend/src/index.ts'),
      '--config',
      path.join(root, 'app-config.yaml'),
      '--config',
      config,
    ],
    cwd: root,
    env: { ...roleEnvironment(env), METADATA_SERVER_DETECTION: 'none' },
    log: path.join(dir, 'portal.log'),
    scope,
    readyLimitMs: READY_LIMIT_MS,
    isReady: async () =>
      (
        await fetch(`${url}/.backstage/health/v1/readiness`)
      ).ok,
  });
  return {
    ...portal,
    startedAt,
    /** Milliseconds from its start until it answered. */
    readyMs: performance.now() - startedAt,
    as: identity => createClient(url, identity),
  };
}

/**
 * What somebody signed in may ask, by the same door as a browser.
 *
 * @param {string} identity such as `user:default/owner`
 */
function createClient(url, identity) {
  let session;
  const token = async () => {
    if (!session || session.expiresAt < Date.now()) {
      session = { expiresAt: Date.now() + SESSION_MS, token: signIn() };
    }
    return session.token;
  };
  const signIn = async () => {
    const response = await fetch(`${url}/api/auth/demo/refresh`, {
      headers: { [IDENTITY_HEADER]: identity },
    });
    if (!response.ok) throw new Error(`Sign-in answered ${response.status}`);
    return (await response.json()).backstageIdentity.token;
  };
  const ask = async (method, route, body) => {
    const response = await fetch(`${url}${route}`, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(
        `${method} ${route} answered ${response.status}: ${text.slice(0, 500)}`,
      );
    }
    return { text, json: () => JSON.parse(text) };
  };
  return {
    get: route => ask('GET', route),
    post: (route, body) => ask('POST', route, body),
  };
}

/** How often the catalog looks at everything where there is this much of it. */
function productionInterval() {
  const file = path.join(root, 'app-config.production.yaml');
  return parse(fs.readFileSync(file, 'utf8')).catalog.processingInterval;
}

function writeConfig({
  dir,
  url,
  port,
  connection,
  prefix,
  ledgerUrl,
  brokerPort,
}) {
  const groups = path.join(dir, 'groups.yaml');
  fs.writeFileSync(
    groups,
    Array.from({ length: OWNERS }, (_, index) =>
      JSON.stringify({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Group',
        metadata: { name: ownerOf(index) },
        spec: { type: 'team', children: [] },
      }),
    ).join('\n---\n'),
  );
  const location = target => ({
    type: 'file',
    target,
    rules: [{ allow: ['User', 'Group'] }],
  });
  const file = path.join(dir, 'app-config.bench.yaml');
  // JSON is YAML, too.
  fs.writeFileSync(
    file,
    JSON.stringify({
      app: { baseUrl: url },
      backend: {
        baseUrl: url,
        listen: { host: '127.0.0.1', port },
        cors: { origin: url },
        database: { client: 'pg', connection, prefix },
      },
      catalog: {
        processingInterval: productionInterval(),
        locations: [
          location(path.join(root, 'examples/estate/org.yaml')),
          location(groups),
        ],
      },
      delivery: {
        mode: 'external',
        bucket: 'PT1H',
        projectId: PROJECT,
        dataDir: path.join(dir, 'portal'),
        broker: { address: `127.0.0.1:${brokerPort}` },
        gateway: { url: 'http://127.0.0.1:1' },
        ledger: { connection: ledgerUrl },
        lake: { root: path.join(dir, 'lake') },
      },
    }),
    { mode: 0o600 },
  );
  fs.mkdirSync(path.join(dir, 'portal'), { recursive: true });
  return file;
}
