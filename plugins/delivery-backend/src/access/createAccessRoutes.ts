import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { partitionRowsReadPermission } from '@millrace/plugin-delivery-common';
import type { Request, RequestHandler, Response } from 'express';
import type { DeclaredEventType } from '../eventTypes';
import type { AccessControl } from '../permissions';
import { audited } from '../service/audited';
import { parseBucketStart } from '../service/request';
import type { Route } from '../service/route';
import type { DatasetReader } from './DatasetReader';
import {
  parseFileName,
  parseListQuery,
  parseRevisionQuery,
  parseStateQuery,
} from './parseAccessQueries';
import type { ManifestSigner } from './signing';

/** Public keys change rarely, and a new one is listed before it signs. */
const KEY_SET_MAX_AGE_SECONDS = 300;

/** Where the keys are; answered to anybody. */
export const KEY_SET_PATH = '/.well-known/jwks.json';

/** What the routes need. */
export interface AccessRouteOptions {
  access: AccessControl;
  auditor: AuditorService;
  datasets: DatasetReader;
  signer: ManifestSigner;
}

/** What the route table lends. */
export interface AccessRouteTools {
  forReaders(
    handle: (
      req: Request,
      res: Response,
      credentials: BackstageCredentials,
    ) => Promise<void>,
  ): RequestHandler;
  readableEventType(
    req: Request,
    credentials: BackstageCredentials,
  ): Promise<DeclaredEventType>;
}

/**
 * The routes for programs that read datasets.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /datasets/:name/partitions` | sealed ones, oldest first; `from to revisions limit cursor` |
 * | `GET /datasets/:name/partitions/:bucketStart` | whether it is sealed; `wait` seconds, or a `revision` |
 * | `GET …/:bucketStart/manifest` | the signed manifest; `revision` |
 * | `GET …/:bucketStart/files/:file` | the bytes of a file; `revision` |
 * | `GET /.well-known/jwks.json` | the public keys, for anybody |
 *
 * All but the last need the permission to read the rows, which is what they
 * lead to. People and services may call them; a service by a token of
 * `backend.auth.externalAccess`. A reader that waits holds no connection of the
 * database (see `SealedWatch`); one that goes away is forgotten. Reading a file
 * is audited.
 */
export function createAccessRoutes(
  { access, auditor, datasets, signer }: AccessRouteOptions,
  { forReaders, readableEventType }: AccessRouteTools,
): Route[] {
  /** The event type, for who may read its rows. */
  async function readableDataset(
    req: Request,
    credentials: BackstageCredentials,
  ): Promise<DeclaredEventType> {
    const eventType = await readableEventType(req, credentials);
    await access.requireFor(
      partitionRowsReadPermission,
      eventType,
      credentials,
    );
    return eventType;
  }

  async function revisionOf(req: Request, credentials: BackstageCredentials) {
    const { name } = await readableDataset(req, credentials);
    return {
      eventType: name,
      bucketStart: parseBucketStart(req.params),
      ...parseRevisionQuery(req.query),
    };
  }

  return [
    {
      method: 'get',
      path: '/datasets/:name/partitions',
      permission: partitionRowsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableDataset(req, credentials);
        const query = parseListQuery(req.query);
        res.json(await datasets.list({ ...query, eventType: name }));
      }),
    },
    {
      method: 'get',
      path: '/datasets/:name/partitions/:bucketStart',
      permission: partitionRowsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableDataset(req, credentials);
        const bucketStart = parseBucketStart(req.params);
        const query = parseStateQuery(req.query);
        const gone = new AbortController();
        res.on('close', () => gone.abort());
        const state = await datasets.state({
          ...query,
          eventType: name,
          bucketStart,
          signal: gone.signal,
        });
        if (!gone.signal.aborted) {
          res.setHeader('Cache-Control', 'no-store');
          res.json(state);
        }
      }),
    },
    {
      method: 'get',
      path: '/datasets/:name/partitions/:bucketStart/manifest',
      permission: partitionRowsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const revision = await revisionOf(req, credentials);
        res.json(await datasets.signedManifest(revision));
      }),
    },
    {
      method: 'get',
      path: '/datasets/:name/partitions/:bucketStart/files/:file',
      permission: partitionRowsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const file = parseFileName(req.params);
        await audited(
          {
            auditor,
            request: req,
            eventId: 'dataset-file-read',
            meta: { dataset: req.params.name, file },
          },
          async () => {
            const revision = await revisionOf(req, credentials);
            await datasets.withFile({ ...revision, file }, (local, described) =>
              sendFile(res, local, described.sha256),
            );
            return { result: undefined, meta: { dataset: revision.eventType } };
          },
        );
      }),
    },
    {
      method: 'get',
      path: KEY_SET_PATH,
      permission: 'none',
      handler: (_req, res) => {
        res.setHeader(
          'Cache-Control',
          `public, max-age=${KEY_SET_MAX_AGE_SECONDS}`,
        );
        res.json(signer.keySet);
      },
    },
  ];
}

/** With ranges and conditions; resolves also when the reader goes away. */
async function sendFile(
  res: Response,
  file: string,
  sha256: string,
): Promise<void> {
  res.setHeader('ETag', `"${sha256}"`);
  res.setHeader('Content-Type', 'application/vnd.apache.parquet');
  // It never changes; but others must not have it from a shared cache.
  res.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
  await new Promise<void>((resolve, reject) => {
    res.sendFile(
      file,
      // The data directory may begin with a dot, as .millrace does.
      { dotfiles: 'allow', lastModified: false, cacheControl: false },
      error => {
        if (error && !res.headersSent) {
          reject(error);
        } else {
          resolve();
        }
      },
    );
  });
}
