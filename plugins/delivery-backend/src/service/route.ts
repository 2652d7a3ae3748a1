import type { Permission } from '@backstage/plugin-permission-common';
import type { RequestHandler } from 'express';

/** One row of the route table. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  path: string;
  /**
   * Without this permission the route answers 403. `none` is for what is public
   * by its nature; such a path also needs an auth policy in `plugin.ts`.
   */
  permission: Permission | 'none';
  handler: RequestHandler;
}
