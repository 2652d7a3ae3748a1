import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  Bucket,
  File,
  Storage,
  StorageOptions,
  UploadOptions,
} from '@google-cloud/storage';
import { LakeError } from '../../errors';
import { parseKey } from '../keys';
import { LakeStore, PutResult } from '../types';
import {
  crc32cMeter,
  crc32cOf,
  crc32cOfFile,
  crc32cOfHeader,
} from './checksum';
import {
  DEFAULT_RETRIES,
  isChecksumRefused,
  Retries,
  statusOf,
  toLakeError,
  withRetries,
} from './failures';

/** Above it an upload is a session that goes on after a lost connection. */
const RESUMABLE_FROM_BYTES = 16 * 1024 * 1024;

/** What a session sends again after a lost connection, at most; held in memory. */
const UPLOAD_CHUNK_BYTES = 8 * 1024 * 1024;

const KEYS_PER_PAGE = 1000;

/** The longest silence of Cloud Storage before a call counts as failed. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** Which put an object came from; see {@link GcsLakeStore}. */
const PUT_ID = 'millrace-put';

/** @public */
export interface GcsLakeStoreOptions {
  /** Exists; Millrace makes no buckets. */
  bucket: string;
  /** Folder of the lake in the bucket; its segments are those of a key. */
  prefix?: string;
  /**
   * Where Cloud Storage is, for a test server; then nothing authenticates.
   * Default: Google, or `STORAGE_EMULATOR_HOST`.
   */
  apiEndpoint?: string;
  /** Default: tries for about ten seconds. */
  retries?: Partial<Retries>;
  /** The longest silence before a call counts as failed. Default 60,000. */
  timeoutMs?: number;
  /** From this size on an upload is resumable. Default 16 MiB. */
  resumableFromBytes?: number;
}

/**
 * A lake in a bucket of Google Cloud Storage.
 *
 * Guarantees of a put:
 * - `ifGenerationMatch=0`: the server itself refuses a second object of a name,
 *   so of several writers one succeeds, whatever the others do.
 * - The CRC-32C of the bytes goes along, and the server commits nothing else.
 * - It may be repeated. A try whose answer was lost may have made the object;
 *   the next try is then refused, as if somebody else had been first. So each
 *   put writes an id of its own into the object's metadata, all its tries the
 *   same one, and a refusal is `exists` only if the object carries another id.
 * - Nothing half-written is ever seen: an upload that is cut short leaves no
 *   object, and Cloud Storage forgets its session by itself.
 *
 * Reads check the CRC-32C of what arrives. Nothing is deleted but by name, and
 * nothing is overwritten, so bucket versioning is not needed; a retention
 * policy on the bucket is good company.
 *
 * @public
 */
export class GcsLakeStore implements LakeStore {
  readonly #bucket: Bucket;
  /** The same bucket by a client that resumes uploads by itself. */
  readonly #resumingBucket: Bucket;
  readonly #prefix: string;
  readonly #retries: Retries;
  readonly #timeoutMs: number;
  readonly #resumableFromBytes: number;

  /** Makes no call: a store may be away when a process starts. */
  constructor(options: GcsLakeStoreOptions) {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, apiEndpoint } = options;
    const settings: StorageOptions = {
      timeout: timeoutMs,
      ...(apiEndpoint && { apiEndpoint, projectId: 'none' }),
    };
    // Retries are counted here, in one place, and are safe for every call.
    const storage = new Storage({
      ...settings,
      retryOptions: { autoRetry: false },
    });
    this.#bucket = storage.bucket(options.bucket);
    // The precondition makes a repeated start of a session harmless.
    this.#resumingBucket = new Storage(settings).bucket(options.bucket);
    this.#prefix = options.prefix
      ? `${parseKey(options.prefix).join('/')}/`
      : '';
    this.#retries = { ...DEFAULT_RETRIES, ...options.retries };
    this.#timeoutMs = timeoutMs;
    this.#resumableFromBytes =
      options.resumableFromBytes ?? RESUMABLE_FROM_BYTES;
  }

  async putIfAbsent(key: string, localFile: string): Promise<PutResult> {
    parseKey(key);
    const { crc32c, bytes } = await crc32cOfFile(localFile);
    // The client has no session for nothing.
    if (bytes < this.#resumableFromBytes || bytes === 0) {
      const content = await readFile(localFile);
      return this.#put(key, crc32c, (file, options) =>
        file.save(content, { ...options, resumable: false }),
      );
    }
    return this.#put(key, crc32c, (file, options) =>
      this.#resumingBucket
        .upload(localFile, {
          ...options,
          destination: file.name,
          resumable: true,
          chunkSize: UPLOAD_CHUNK_BYTES,
        })
        .then(([uploaded]) => {
          file.metadata = uploaded.metadata;
        }),
    );
  }

  async putBytesIfAbsent(key: string, bytes: Uint8Array): Promise<PutResult> {
    parseKey(key);
    const content = Buffer.from(bytes);
    return this.#put(key, crc32cOf(content), (file, options) =>
      file.save(content, { ...options, resumable: false }),
    );
  }

  async get(key: string): Promise<Buffer> {
    return this.#call(key, async () => {
      const chunks: Buffer[] = [];
      await this.#download(key, async source => {
        for await (const chunk of source) {
          chunks.push(chunk);
        }
      });
      return Buffer.concat(chunks);
    });
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    const metadata = await this.#call(key, () => this.#metadataOf(key));
    return metadata && { bytes: Number(metadata.size) };
  }

  async list(folder: string): Promise<string[]> {
    const prefix = `${this.#prefix}${parseKey(folder).join('/')}/`;
    const keys: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = { prefix, pageToken };
      const [files, next] = await this.#call(folder, () =>
        this.#bucket.getFiles({
          ...page,
          autoPaginate: false,
          maxResults: KEYS_PER_PAGE,
          fields: 'items(name),nextPageToken',
        }),
      );
      keys.push(...files.map(file => file.name.slice(this.#prefix.length)));
      pageToken = pageTokenOf(next);
    } while (pageToken !== undefined);
    return keys.sort();
  }

  async delete(key: string): Promise<void> {
    await this.#call(key, () =>
      this.#file(key).delete({ ignoreNotFound: true }),
    );
  }

  async localCopy(key: string, folder: string): Promise<string> {
    const target = path.join(folder, ...parseKey(key));
    if (await exists(target)) {
      return target;
    }
    await mkdir(path.dirname(target), { recursive: true });
    // Appears under its name whole and checked, or not at all.
    const partial = path.join(folder, `.${randomUUID()}.partial`);
    try {
      await this.#call(key, () =>
        this.#download(key, source =>
          pipeline(source, createWriteStream(partial)),
        ),
      );
      await chmod(partial, 0o444);
      await rename(partial, target);
      return target;
    } finally {
      await rm(partial, { force: true });
    }
  }

  async #put(
    key: string,
    crc32c: string,
    upload: (file: File, options: UploadOptions) => Promise<void>,
  ): Promise<PutResult> {
    const putId = randomUUID();
    return this.#call(key, async () => {
      const file = this.#file(key);
      try {
        await upload(file, {
          // The server checks; the client's own check would delete by name.
          validation: false,
          metadata: { crc32c, metadata: { [PUT_ID]: putId } },
          preconditionOpts: { ifGenerationMatch: 0 },
        });
      } catch (error) {
        if (isChecksumRefused(error)) {
          throw checksumMismatch(key);
        }
        if (statusOf(error) !== 412) {
          throw error;
        }
        return this.#whoseObject(key, putId);
      }
      if (file.metadata.crc32c !== crc32c) {
        await this.#takeBack(file);
        throw checksumMismatch(key);
      }
      return 'created';
    });
  }

  /** After a refusal: whether the object is from an earlier try of this put. */
  async #whoseObject(key: string, putId: string): Promise<PutResult> {
    const found = await this.#metadataOf(key);
    if (!found) {
      throw new LakeError(
        'store_unavailable',
        `The object '${key}' was there and was removed while it was put`,
      );
    }
    return found.metadata?.[PUT_ID] === putId ? 'created' : 'exists';
  }

  /** Removes what was just stored, and nothing that has its name since. */
  async #takeBack(file: File): Promise<void> {
    const { generation } = file.metadata;
    if (generation !== undefined) {
      await file.delete({
        ignoreNotFound: true,
        ifGenerationMatch: generation,
      });
    }
  }

  async #metadataOf(key: string) {
    try {
      const [metadata] = await this.#file(key).getMetadata();
      return metadata;
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /** @throws LakeError with code `checksum_mismatch`, or what the client throws */
  async #download(
    key: string,
    consume: (source: Readable) => Promise<void>,
  ): Promise<void> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), this.#timeoutMs);
    const meter = crc32cMeter(() => timer.refresh());
    // Checked here: the client skips its check when a header is missing.
    const source = this.#file(key).createReadStream({
      validation: false,
      decompress: false,
    });
    let expected: string | undefined;
    source.on('response', (response: { headers: Record<string, string> }) => {
      expected = crc32cOfHeader(response.headers['x-goog-hash']);
    });
    try {
      await Promise.all([
        pipeline(source, meter, { signal: silence.signal }),
        consume(meter),
      ]);
    } catch (error) {
      if (silence.signal.aborted) {
        throw new LakeError(
          'store_unavailable',
          `Cloud Storage fell silent in the middle of '${key}'`,
        );
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (expected === undefined || meter.crc32c() !== expected) {
      throw checksumMismatch(key);
    }
  }

  #file(key: string): File {
    return this.#bucket.file(`${this.#prefix}${parseKey(key).join('/')}`);
  }

  async #call<T>(key: string, run: () => Promise<T>): Promise<T> {
    try {
      return await withRetries(this.#retries, run);
    } catch (error) {
      throw toLakeError(error, key);
    }
  }
}

function checksumMismatch(key: string): LakeError {
  return new LakeError(
    'checksum_mismatch',
    `The bytes of '${key}' changed on their way to or from Cloud Storage`,
  );
}

function pageTokenOf(next: unknown): string | undefined {
  const token: unknown = Reflect.get(Object(next), 'pageToken');
  return typeof token === 'string' && token !== '' ? token : undefined;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    error => {
      if (error.code === 'ENOENT') {
        return false;
      }
      throw error;
    },
  );
}
