import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Portal, PortalError } from './portal';

/** A write key in clear, and the event types it is for. */
export interface WriteKey {
  keyId: string;
  writeKey: string;
  eventTypes: string[];
}

const FILE_NAME = 'write-key.json';
const KEY_NAME = 'GitHub webhooks example';

/** Each data directory is an installation, so each is a producer of its own. */
const newProducer = () =>
  `github-webhooks-example-${randomBytes(4).toString('hex')}`;

/** The key of an earlier run, if it covers the event types. */
export async function readWriteKey(
  dataDir: string,
  eventTypes: readonly string[],
): Promise<WriteKey | undefined> {
  let text: string;
  try {
    text = await fs.readFile(path.join(dataDir, FILE_NAME), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const key = parseKey(text);
  return key && eventTypes.every(name => key.eventTypes.includes(name))
    ? key
    : undefined;
}

/** A file cut short by a crash is as good as none. */
function parseKey(text: string): WriteKey | undefined {
  try {
    const key: WriteKey = JSON.parse(text);
    return typeof key.writeKey === 'string' && Array.isArray(key.eventTypes)
      ? key
      : undefined;
  } catch {
    return undefined;
  }
}

/** Creates a key at the portal and keeps it, readable by this user only. */
export async function createWriteKey(
  portal: Portal,
  dataDir: string,
  eventTypes: string[],
): Promise<WriteKey> {
  const answer = await portal.call('POST', '/api/delivery/write-keys', {
    name: KEY_NAME,
    producer: newProducer(),
    eventTypes,
  });
  const { keyId, writeKey } = (answer.body ?? {}) as Partial<WriteKey>;
  if (answer.status > 299 || keyId === undefined || writeKey === undefined) {
    // Not the body: if it holds a key, the key would end up in a log.
    throw new PortalError('create a write key', {
      ...answer,
      body: answer.status > 299 ? answer.body : 'without a write key',
    });
  }
  const key = { keyId, writeKey, eventTypes };
  await fs.mkdir(dataDir, { recursive: true });
  const file = path.join(dataDir, FILE_NAME);
  const fresh = `${file}.${process.pid}`;
  await fs.writeFile(fresh, JSON.stringify(key), { mode: 0o600 });
  await fs.rename(fresh, file);
  return key;
}
