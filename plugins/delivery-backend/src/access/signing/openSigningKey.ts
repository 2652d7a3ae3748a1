import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isError } from '@backstage/errors';

/** Read and write for others, of a file's mode. */
const OTHERS = 0o077;

/** @throws Error when it is not an Ed25519 private key; the text is not told */
export function parsePrivateKey(pem: string, from: string): KeyObject {
  return parseKey(() => createPrivateKey(pem), `private key in ${from}`);
}

/** @throws Error when it is not an Ed25519 public key */
export function parsePublicKey(pem: string, from: string): KeyObject {
  return parseKey(() => createPublicKey(pem), `public key in ${from}`);
}

function parseKey(parse: () => KeyObject, what: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = parse();
  } catch {
    // Told below, without the cause: it may quote the key.
  }
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new Error(
      `The ${what} is not an Ed25519 key in PEM; 'openssl genpkey -algorithm ed25519' makes one`,
    );
  }
  return key;
}

/**
 * The signing key of this installation, kept in a file that only its user can
 * read. It is made when there is none.
 *
 * Guarantees: of several processes that start at once all end with the same
 * key, because the file gets its name by `link()`, which fails when the name is
 * taken; a crash leaves either no key or a whole one. A file that others can
 * read is refused, not repaired: it may have been read.
 *
 * @throws Error when others can read the file, or it holds no such key
 */
export async function openSigningKey(file: string): Promise<KeyObject> {
  return (await readKey(file)) ?? (await makeKey(file));
}

async function readKey(file: string): Promise<KeyObject | undefined> {
  const handle = await fs.open(file, 'r').catch(error => {
    if (isError(error) && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (!handle) {
    return undefined;
  }
  try {
    const { mode } = await handle.stat();
    if ((mode & OTHERS) !== 0) {
      throw new Error(
        `Others may read the signing key ${file}. If nobody has, 'chmod 600' it; otherwise remove it, and a new one is made`,
      );
    }
    return parsePrivateKey(await handle.readFile('utf8'), file);
  } finally {
    await handle.close();
  }
}

async function makeKey(file: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  const folder = path.dirname(file);
  await fs.mkdir(folder, { recursive: true });
  const incoming = path.join(folder, `.${randomUUID()}.pem`);
  try {
    await fs.writeFile(incoming, pem, { mode: 0o600, flush: true });
    await fs.link(incoming, file).catch(error => {
      if (!isError(error) || error.code !== 'EEXIST') {
        throw error;
      }
    });
  } finally {
    await fs.rm(incoming, { force: true });
  }
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const key = await readKey(file);
  if (!key) {
    throw new Error(`The signing key ${file} vanished while it was made`);
  }
  return key;
}
