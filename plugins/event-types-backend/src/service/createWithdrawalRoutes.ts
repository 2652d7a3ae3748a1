import type {
  AuditorService,
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import {
  eventTypeArchivePermission,
  eventTypeReadPermission,
  eventTypeWithdrawPermission,
} from '@millrace/plugin-event-types-common';
import type { JsonObject } from '@backstage/types';
import type { Request, RequestHandler } from 'express';
import type { WithdrawalDesk } from '../withdrawing';
import { audited } from './audited';
import { parsePathName } from './request';
import { parseWithdrawal } from './request/parseEvolution';
import type { Route } from './route';

/** What the routes need. */
export interface WithdrawalRouteOptions {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  withdrawals: WithdrawalDesk;
}

/**
 * The routes by which event types end.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET …/:name/withdrawal` | what withdrawing it would do, or what was done |
 * | `PUT …/:name/withdrawal` | withdrawn, with a reason; 409 when it is already |
 * | `DELETE …/:name/withdrawal` | not withdrawn any more; 409 once its grace is over |
 * | `POST …/:name/archive` | put away; for delivery, when nothing is left of it |
 *
 * Mutations are audited whether they succeed or not.
 */
export function createWithdrawalRoutes(
  options: WithdrawalRouteOptions,
): Route[] {
  const { auditor, httpAuth, withdrawals } = options;

  const answering =
    (
      answer: (
        name: string,
        req: Request,
        asCaller: { credentials: BackstageCredentials },
      ) => Promise<unknown>,
    ): RequestHandler =>
    async (req, res) => {
      const credentials = await httpAuth.credentials(req, {
        allow: ['user', 'service'],
      });
      const name = parsePathName(req.params.name);
      const body = await answer(name, req, { credentials });
      if (body === undefined) {
        res.status(204).end();
      } else {
        res.json(body);
      }
    };

  const auditing = (
    actionType: string,
    change: (
      name: string,
      req: Request,
      asCaller: { credentials: BackstageCredentials },
    ) => Promise<{ result: unknown; meta: JsonObject }>,
  ): RequestHandler =>
    answering((name, req, asCaller) =>
      audited({ auditor, request: req, actionType, eventType: name }, () =>
        change(name, req, asCaller),
      ),
    );

  return [
    {
      method: 'get',
      path: '/event-types/:name/withdrawal',
      permission: eventTypeReadPermission,
      handler: answering((name, _req, asCaller) =>
        withdrawals.review({ name }, asCaller),
      ),
    },
    {
      method: 'put',
      path: '/event-types/:name/withdrawal',
      permission: eventTypeWithdrawPermission,
      handler: auditing('withdraw', async (name, req, asCaller) => {
        const { reason } = parseWithdrawal(req.body);
        const result = await withdrawals.withdraw({ name, reason }, asCaller);
        const { endsAt = '' } = result.withdrawal ?? {};
        return { result, meta: { outcome: 'withdrawn', reason, endsAt } };
      }),
    },
    {
      method: 'delete',
      path: '/event-types/:name/withdrawal',
      permission: eventTypeWithdrawPermission,
      handler: auditing('undo-withdrawal', async (name, _req, asCaller) => {
        const result = await withdrawals.undo({ name }, asCaller);
        return { result, meta: { outcome: 'kept' } };
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/archive',
      permission: eventTypeArchivePermission,
      handler: auditing('archive', async (name, _req, asCaller) => {
        await withdrawals.archive({ name }, asCaller);
        return { result: undefined, meta: { outcome: 'archived' } };
      }),
    },
  ];
}
