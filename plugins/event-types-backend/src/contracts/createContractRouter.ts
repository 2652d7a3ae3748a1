import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import {
  type ContractRouteOptions,
  createContractRoutes,
} from './createContractRoutes';

/**
 * Mounts the routes of contracts; see {@link createContractRoutes}. It has to
 * come before whatever reads bodies as JSON.
 */
export function createContractRouter(options: ContractRouteOptions): Router {
  const router = PromiseRouter();
  for (const { method, path, handlers } of createContractRoutes(options)) {
    router[method](path, ...handlers);
  }
  return router;
}
