import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import express, { type ErrorRequestHandler, type Router } from 'express';
import PromiseRouter from 'express-promise-router';
import {
  MEDIA_TYPE,
  type RegistryRouteOptions,
  createRegistryRoutes,
} from './createRegistryRoutes';
import { authenticate } from './authenticate';
import { ProtocolError, toProtocolError } from './errors';
import { MAX_SCHEMA_TEXT_BYTES } from './schemaText';

/** Where the protocol is mounted, below the plugin. */
export const REGISTRY_PATH = '/confluent';

/** A schema inside a JSON text is longer by its escapes. */
const MAX_BODY_BYTES = 3 * MAX_SCHEMA_TEXT_BYTES;

const BODY_TYPES = [
  MEDIA_TYPE,
  'application/vnd.schemaregistry+json',
  'application/json',
];

/**
 * Mounts the protocol; see {@link createRegistryRoutes} for what it promises.
 *
 * It authenticates by itself, since its clients know basic authentication, so
 * the path has to be exempt from the framework's own check. Who calls is asked
 * before a body is read.
 */
export function createRegistryRouter(
  options: RegistryRouteOptions & { logger: LoggerService },
): Router {
  const router = PromiseRouter();
  router.use(async req => {
    await authenticate(req, options);
    return 'next';
  });
  router.use(express.json({ limit: MAX_BODY_BYTES, type: BODY_TYPES }));
  for (const { method, path, handler } of createRegistryRoutes(options)) {
    router[method](path, handler);
  }
  router.use(async req => {
    throw new ProtocolError(
      'noRoute',
      req.path.startsWith('/contexts/')
        ? 'Contexts are not supported: there is one registry'
        : 'HTTP 404 Not Found',
    );
  });

  const answerError: ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const { status, body, kind } = toProtocolError(error);
    if (kind === 'storeFailed') {
      options.logger.error('The schema registry failed', toError(error));
    }
    if (kind === 'unauthorized') {
      res.setHeader('WWW-Authenticate', 'Basic realm="Millrace"');
    }
    res.status(status).type(MEDIA_TYPE).send(JSON.stringify(body));
  };
  router.use(answerError);
  return router;
}
