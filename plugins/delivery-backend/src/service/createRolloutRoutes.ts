import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  deliveryReadPermission,
  partitionRowsReadPermission,
  rolloutsReadPermission,
} from '@millrace/plugin-delivery-common';
import type { Request } from 'express';
import type { DeclaredEventType } from '../eventTypes';
import type { FootprintReader } from '../footprint';
import type { AccessControl } from '../permissions';
import type { RolloutReader } from '../rollouts';
import type { RefusedRouteTools } from './createRefusedRoutes';
import { parseRolloutsQuery } from './request';
import type { Route } from './route';

/** What the routes need. */
export interface RolloutRouteOptions {
  access: AccessControl;
  footprints: FootprintReader;
  rollouts: RolloutReader;
}

interface Tools extends Pick<RefusedRouteTools, 'forReaders'> {
  readableEventType(
    req: Request,
    credentials: BackstageCredentials,
  ): Promise<DeclaredEventType>;
}

/**
 * The routes about what is set up, and what was.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /rollouts` | what runs where, and every generation; `before limit` |
 * | `GET /event-types/:name/footprint` | what there is of it in delivery, and how far taking it down has come |
 *
 * Who may send an event type is named to who may see its rows, and counted for
 * everybody else.
 */
export function createRolloutRoutes(
  { access, footprints, rollouts }: RolloutRouteOptions,
  { forReaders, readableEventType }: Tools,
): Route[] {
  return [
    {
      method: 'get',
      path: '/rollouts',
      permission: rolloutsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        await access.require(rolloutsReadPermission, credentials);
        res.json(await rollouts.read(parseRolloutsQuery(req.query)));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/footprint',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        const withProducers = await access.isAllowedFor(
          partitionRowsReadPermission,
          eventType,
          credentials,
        );
        res.json(
          await footprints.read({ eventType: eventType.name, withProducers }),
        );
      }),
    },
  ];
}
