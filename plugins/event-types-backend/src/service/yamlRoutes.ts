import type {
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { Permission } from '@backstage/plugin-permission-common';
import express, {
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import PromiseRouter from 'express-promise-router';

/** One row of a route table whose bodies are YAML. */
export interface YamlRoute {
  method: 'get' | 'post' | 'put' | 'delete';
  path: string;
  /** Without it the route answers 403. */
  permission: Permission;
  handlers: RequestHandler[];
}

export const YAML_TYPE = 'application/yaml';

const BODY_TYPES = [
  YAML_TYPE,
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
  'text/plain',
  'application/json',
];

/** Reads a body as text, whatever the type: what is wrong is told with its line. */
export function readYamlBody(maxBytes: number): RequestHandler {
  return express.text({
    limit: maxBytes,
    type: BODY_TYPES,
    defaultCharset: 'utf-8',
  });
}

/**
 * What {@link readYamlBody} has read.
 *
 * @param what in the error: `declaration`
 * @throws InputError when there is none, or of another type
 */
export function yamlBodyOf(req: Request, what: string): string {
  if (typeof req.body !== 'string' || req.body === '') {
    throw new InputError(
      `Send the ${what} as the body, with the content type ${YAML_TYPE} or application/json`,
    );
  }
  return req.body;
}

/** Hands each handler who asks. */
export function createWithCredentials(httpAuth: HttpAuthService) {
  return (
      handle: (
        req: Request,
        res: Response,
        asCaller: { credentials: BackstageCredentials },
      ) => Promise<void>,
    ): RequestHandler =>
    async (req, res) => {
      const credentials = await httpAuth.credentials(req, {
        allow: ['user', 'service'],
      });
      await handle(req, res, { credentials });
    };
}

/** Mounts routes; it has to come before whatever reads bodies as JSON. */
export function createYamlRouter(routes: YamlRoute[]): Router {
  const router = PromiseRouter();
  for (const { method, path, handlers } of routes) {
    router[method](path, ...handlers);
  }
  return router;
}
