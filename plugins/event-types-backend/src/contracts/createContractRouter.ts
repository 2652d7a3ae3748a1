import type { Router } from 'express';
import { createYamlRouter } from '../service/yamlRoutes';
import {
  type ContractRouteOptions,
  createContractRoutes,
} from './createContractRoutes';

/**
 * Mounts the routes of contracts; see {@link createContractRoutes}. It has to
 * come before whatever reads bodies as JSON.
 */
export function createContractRouter(options: ContractRouteOptions): Router {
  return createYamlRouter(createContractRoutes(options));
}
