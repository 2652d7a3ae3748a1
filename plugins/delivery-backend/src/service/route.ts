import type { Permission } from '@backstage/plugin-permission-common';
import type { RequestHandler } from 'express';

/** One row of the route table. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  path: string;
  /** Without this permission the route answers 403. */
  permission: Permission;
  handler: RequestHandler;
}
