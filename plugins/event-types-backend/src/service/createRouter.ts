import express, { type Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { type RouteOptions, createRoutes } from './createRoutes';

/**
 * Room for a JSON Schema document of the largest public webhook APIs (several
 * megabytes) and for a few hundred samples.
 */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Mounts the route table; see {@link createRoutes} for what it promises. */
export function createRouter(options: RouteOptions): Router {
  const router = PromiseRouter();
  router.use(express.json({ limit: MAX_BODY_BYTES }));
  for (const { method, path, handler } of createRoutes(options)) {
    router[method](path, handler);
  }
  return router;
}
