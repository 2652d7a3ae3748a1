import type { Permission } from '@backstage/plugin-permission-common';
import type { RequestHandler } from 'express';

/** One row of the route table. */
export interface Route {
  method: 'get' | 'post' | 'put' | 'delete';
  path: string;
  /** Without this permission the route answers 403 or an empty list. */
  permission: Permission;
  handler: RequestHandler;
}
