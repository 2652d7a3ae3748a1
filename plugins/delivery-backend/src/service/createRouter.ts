import express, { type Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { createRoutes, type RouteOptions } from './createRoutes';
import { lakeUnavailable } from './lakeUnavailable';
import { ledgerUnavailable } from './ledgerUnavailable';

/** Mounts the route table; see {@link createRoutes} for what it promises. */
export function createRouter(options: RouteOptions): Router {
  const router = PromiseRouter();
  router.use(express.json());
  for (const { method, path, handler } of createRoutes(options)) {
    router[method](path, handler);
  }
  router.use(ledgerUnavailable);
  router.use(lakeUnavailable);
  return router;
}
