import { randomUUID } from 'node:crypto';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { crc32cOf } from '../store/gcs/checksum';

/*
 * The few calls of the JSON API of Cloud Storage that the lake makes, over real
 * HTTP, with the real client on the other side. It refuses what Cloud Storage
 * would: a second object of a name under `ifGenerationMatch=0`, and bytes that
 * are not those of the checksum sent with them. What it does not know it
 * answers with 501, so a new call of the client is noticed.
 */

/** The calls, by what they are for. */
export type GcsCall =
  | 'put'
  | 'begin-upload'
  | 'continue-upload'
  | 'get'
  | 'stat'
  | 'list'
  | 'delete';

/** What goes wrong with one call. */
export type GcsFault =
  /** Nothing; the next one is for the call after it. */
  | 'none'
  /** Answers 503 and does nothing. */
  | 'unavailable'
  /** Answers 403 and does nothing. */
  | 'forbidden'
  /** Does what was asked, then ends the connection without an answer. */
  | 'cut-after'
  /** Ends the connection in the middle of what it sends; nothing is done. */
  | 'cut-before'
  /** One byte changes on the way. */
  | 'corrupt'
  /** Stores something else, without looking at the checksum. */
  | 'stores-other-bytes'
  /** Never answers. */
  | 'silent';

interface StoredObject {
  bytes: Buffer;
  crc32c: string;
  generation: string;
  metadata: Record<string, string>;
}

interface UploadSession {
  name: string;
  resource: ObjectResource;
  ifGenerationMatch: string | null;
  bytes: Buffer;
  stored?: StoredObject;
}

interface ObjectResource {
  crc32c?: string;
  metadata?: Record<string, string>;
}

/** An answer other than success. */
class Refusal extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export interface GcsServer {
  url: string;
  /** The names of the objects of a bucket, and their bytes. */
  objects(bucket: string): Map<string, Buffer>;
  /** What happens at the next calls of a kind, one after the other. */
  fail(call: GcsCall, ...faults: GcsFault[]): void;
  /** Faults that have not happened yet. */
  pendingFaults(): number;
  /** How often each call came. */
  calls: Record<GcsCall, number>;
  /** Keys per page of a list, whatever is asked for. */
  pageSize: number;
  close(): Promise<void>;
}

export async function startGcsServer(
  options: { buckets: string[] } = { buckets: ['lake'] },
): Promise<GcsServer> {
  const buckets = new Map(
    options.buckets.map(name => [name, new Map<string, StoredObject>()]),
  );
  const sessions = new Map<string, UploadSession>();
  const faults = new Map<GcsCall, GcsFault[]>();
  const sockets = new Set<Socket>();
  const paging = { keys: 1000 };
  let origin = '';
  let generations = 0;

  const calls: Record<GcsCall, number> = {
    put: 0,
    'begin-upload': 0,
    'continue-upload': 0,
    get: 0,
    stat: 0,
    list: 0,
    delete: 0,
  };

  function bucketOf(name: string): Map<string, StoredObject> {
    const bucket = buckets.get(name);
    if (!bucket) {
      throw new Refusal(404, 'The specified bucket does not exist.');
    }
    return bucket;
  }

  function store(
    bucketName: string,
    name: string,
    content: Buffer,
    resource: ObjectResource,
    ifGenerationMatch: string | null,
    fault: GcsFault | undefined,
  ): StoredObject {
    const bucket = bucketOf(bucketName);
    let bytes = content;
    if (fault === 'corrupt' || fault === 'stores-other-bytes') {
      bytes = flipped(content);
    }
    const crc32c = crc32cOf(bytes);
    if (
      resource.crc32c !== undefined &&
      resource.crc32c !== crc32c &&
      fault !== 'stores-other-bytes'
    ) {
      throw new Refusal(
        400,
        `Provided CRC32C "${resource.crc32c}" doesn't match calculated CRC32C "${crc32c}".`,
      );
    }
    if (ifGenerationMatch === '0' && bucket.has(name)) {
      throw new Refusal(
        412,
        'At least one of the pre-conditions you specified did not hold.',
      );
    }
    generations += 1;
    const stored: StoredObject = {
      bytes,
      crc32c,
      generation: String(generations),
      metadata: resource.metadata ?? {},
    };
    bucket.set(name, stored);
    return stored;
  }

  function find(bucket: string, name: string): StoredObject {
    const found = bucketOf(bucket).get(name);
    if (!found) {
      throw new Refusal(404, `No such object: ${bucket}/${name}`);
    }
    return found;
  }

  async function answer(
    req: IncomingMessage,
    res: ServerResponse,
  ): Promise<void> {
    const url = new URL(req.url ?? '', 'http://gcs');
    const body = await readBody(req);
    const { kind, bucket, name } = callOf(req.method ?? '', url);
    calls[kind] += 1;
    const fault = faults.get(kind)?.shift();
    switch (fault) {
      case 'unavailable':
        throw new Refusal(503, 'We encountered an internal error.');
      case 'forbidden':
        throw new Refusal(403, 'The caller does not have permission.');
      case 'silent':
        return;
      case 'cut-before':
        if (kind !== 'get') {
          req.socket.destroy();
          return;
        }
        break;
      default:
    }
    const reply = (status: number, value: unknown, headers = {}) => {
      if (fault === 'cut-after') {
        req.socket.destroy();
        return;
      }
      res.writeHead(status, {
        'content-type': 'application/json',
        ...headers,
      });
      res.end(JSON.stringify(value));
    };
    const query = url.searchParams;

    switch (kind) {
      case 'put': {
        const parts = multipartOf(req.headers['content-type'] ?? '', body);
        const target = query.get('name') ?? '';
        const stored = store(
          bucket,
          target,
          parts[1],
          JSON.parse(parts[0].toString()),
          query.get('ifGenerationMatch'),
          fault,
        );
        reply(200, describe(bucket, target, stored));
        return;
      }
      case 'begin-upload': {
        bucketOf(bucket);
        const id = randomUUID();
        sessions.set(id, {
          name: query.get('name') ?? '',
          resource: body.length > 0 ? JSON.parse(body.toString()) : {},
          ifGenerationMatch: query.get('ifGenerationMatch'),
          bytes: Buffer.alloc(0),
        });
        const location = new URL(url);
        location.searchParams.set('upload_id', id);
        reply(
          200,
          {},
          { location: `${origin}${location.pathname}${location.search}` },
        );
        return;
      }
      case 'continue-upload': {
        const session = sessions.get(query.get('upload_id') ?? '');
        if (!session) {
          throw new Refusal(410, 'Gone');
        }
        const range = String(req.headers['content-range'] ?? '');
        const [, first, total] =
          /^bytes (\d+)-\d*\/(\*|\d+)$/.exec(range) ?? [];
        if (!session.stored && !range.startsWith('bytes */')) {
          if (Number(first) !== session.bytes.length) {
            throw new Refusal(400, `Invalid range ${range}`);
          }
          session.bytes = Buffer.concat([session.bytes, body]);
          if (session.bytes.length === Number(total)) {
            session.stored = store(
              bucket,
              session.name,
              session.bytes,
              session.resource,
              session.ifGenerationMatch,
              fault,
            );
          }
        }
        if (!session.stored) {
          if (fault === 'cut-after') {
            req.socket.destroy();
            return;
          }
          res.writeHead(308, {
            ...(session.bytes.length > 0 && {
              range: `bytes=0-${session.bytes.length - 1}`,
            }),
          });
          res.end();
          return;
        }
        reply(200, describe(bucket, session.name, session.stored));
        return;
      }
      case 'stat':
        reply(200, describe(bucket, name, find(bucket, name)));
        return;
      case 'get': {
        const found = find(bucket, name);
        res.writeHead(200, {
          'content-type': 'application/octet-stream',
          'content-length': found.bytes.length,
          'x-goog-hash': `crc32c=${found.crc32c}`,
          'x-goog-stored-content-encoding': 'identity',
        });
        if (fault === 'cut-before') {
          const half = Math.floor(found.bytes.length / 2);
          res.write(found.bytes.subarray(0, half), () => req.socket.destroy());
          return;
        }
        res.end(fault === 'corrupt' ? flipped(found.bytes) : found.bytes);
        return;
      }
      case 'list': {
        const prefix = query.get('prefix') ?? '';
        const after = query.get('pageToken') ?? '';
        const names = [...bucketOf(bucket).keys()]
          .filter(key => key.startsWith(prefix) && key > after)
          .sort();
        const page = names.slice(0, paging.keys);
        reply(200, {
          items: page.map(key => ({ name: key })),
          ...(names.length > page.length && {
            nextPageToken: page[page.length - 1],
          }),
        });
        return;
      }
      default: {
        const found = find(bucket, name);
        const wanted = query.get('ifGenerationMatch');
        if (wanted !== null && wanted !== found.generation) {
          throw new Refusal(412, 'Another generation');
        }
        bucketOf(bucket).delete(name);
        reply(204, undefined);
      }
    }
  }

  const http = createServer((req, res) => {
    answer(req, res).catch(error => {
      const status = error instanceof Refusal ? error.status : 500;
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(
        JSON.stringify({
          error: {
            code: status,
            message: error.message,
            errors: [{ reason: 'test', message: error.message }],
          },
        }),
      );
    });
  });
  http.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));

  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  return {
    url: origin,
    objects: name =>
      new Map([...bucketOf(name)].map(([key, object]) => [key, object.bytes])),
    fail(call, ...more) {
      faults.set(call, [...(faults.get(call) ?? []), ...more]);
    },
    pendingFaults: () =>
      [...faults.values()].reduce((sum, list) => sum + list.length, 0),
    calls,
    get pageSize() {
      return paging.keys;
    },
    set pageSize(keys: number) {
      paging.keys = keys;
    },
    async close() {
      sockets.forEach(socket => socket.destroy());
      await new Promise(resolve => http.close(resolve));
    },
  };
}

/** Pointed at an emulator, the client leaves `/storage/v1` out at some calls. */
function callOf(
  method: string,
  url: URL,
): { kind: GcsCall; bucket: string; name: string } {
  const [, isUpload, bucket, , object] =
    /^(\/upload)?(?:\/storage\/v1)?\/b\/([^/]+)\/o(\/(.+))?$/.exec(
      url.pathname,
    ) ?? [];
  const name = decodeURIComponent(object ?? '');
  const uploadType = url.searchParams.get('uploadType');
  const where = { bucket, name };
  if (bucket !== undefined && isUpload) {
    if (method === 'POST' && uploadType === 'multipart') {
      return { kind: 'put', ...where };
    }
    if (method === 'POST' && uploadType === 'resumable') {
      return { kind: 'begin-upload', ...where };
    }
    if (method === 'PUT' && url.searchParams.has('upload_id')) {
      return { kind: 'continue-upload', ...where };
    }
  } else if (bucket !== undefined) {
    if (method === 'GET' && !object) {
      return { kind: 'list', ...where };
    }
    if (method === 'GET') {
      const isMedia = url.searchParams.get('alt') === 'media';
      return { kind: isMedia ? 'get' : 'stat', ...where };
    }
    if (method === 'DELETE' && object) {
      return { kind: 'delete', ...where };
    }
  }
  throw new Refusal(501, `Not known here: ${method} ${url.pathname}`);
}

function describe(bucket: string, name: string, stored: StoredObject) {
  return {
    kind: 'storage#object',
    bucket,
    name,
    size: String(stored.bytes.length),
    crc32c: stored.crc32c,
    generation: stored.generation,
    metadata: stored.metadata,
  };
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The bodies of a `multipart/related` message. */
function multipartOf(contentType: string, body: Buffer): Buffer[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1] ?? '';
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let from = body.indexOf(delimiter);
  while (from >= 0) {
    const start = from + delimiter.length;
    const end = body.indexOf(delimiter, start);
    if (end < 0) {
      break;
    }
    const part = body.subarray(start, end);
    const head = part.indexOf('\r\n\r\n');
    // Without the line break that belongs to the next delimiter.
    parts.push(part.subarray(head + 4, part.length - 2));
    from = end;
  }
  return parts;
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] ^= 1;
  return copy;
}
