import { deliveryReadPermission } from '@millrace/plugin-delivery-common';
import type { LatenessObjectivesMs } from '@millrace/schema';
import type { CompletenessReader, LedgerReader } from '../completeness';
import type { RefusedRouteTools } from './createRefusedRoutes';
import {
  parseBucketLinesQuery,
  parseBucketStart,
  parseDay,
  parseDaysQuery,
  parseGapsQuery,
  parseLedgerQuery,
  parseProducersQuery,
} from './request';
import type { Route } from './route';

/** What the routes need. */
export interface CompletenessRouteOptions {
  completeness: CompletenessReader;
  ledgerPages: LedgerReader;
  latenessObjectivesMs: LatenessObjectivesMs;
}

/**
 * The routes about the books of an event type.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /event-types/:name/ledger` | by bucket, hour or day, newest first, with lateness; `by before from limit` |
 * | `GET /event-types/:name/completeness` | by UTC day, `from to` (days, both included) |
 * | `GET /event-types/:name/completeness/:day` | one, by gateway |
 * | `GET /event-types/:name/books` | by receive bucket, oldest first, `from to limit` |
 * | `GET /event-types/:name/books/:bucketStart` | one, by gateway |
 * | `GET /event-types/:name/producers` | last seen first, `producer limit cursor` |
 * | `GET /event-types/:name/producers/gaps` | of one, `producer epoch from limit` |
 *
 * Whoever may see how a type is delivered may read its books. They hold names
 * of producers and numbers of events, nothing of what is in them.
 */
export function createCompletenessRoutes(
  { completeness, ledgerPages, latenessObjectivesMs }: CompletenessRouteOptions,
  { forReaders, readableEventType }: RefusedRouteTools,
): Route[] {
  return [
    {
      method: 'get',
      path: '/event-types/:name/ledger',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name, tier } = await readableEventType(req, credentials);
        res.json(
          await ledgerPages.page({
            eventType: name,
            objectiveMs: latenessObjectivesMs[tier],
            ...parseLedgerQuery(req.query),
          }),
        );
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/completeness',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const range = parseDaysQuery(req.query, new Date());
        res.json(await completeness.listDays({ eventType: name, ...range }));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/completeness/:day',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const day = parseDay(req.params);
        res.json(await completeness.getDay({ eventType: name, day }));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/books',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const query = parseBucketLinesQuery(req.query, new Date());
        res.json(await completeness.listBuckets({ eventType: name, ...query }));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/books/:bucketStart',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const bucketStart = parseBucketStart(req.params);
        res.json(
          await completeness.getBucket({ eventType: name, bucketStart }),
        );
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/producers',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const query = parseProducersQuery(req.query);
        res.json(
          await completeness.listProducers({ eventType: name, ...query }),
        );
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/producers/gaps',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const query = parseGapsQuery(req.query);
        res.json(await completeness.listGaps({ eventType: name, ...query }));
      }),
    },
  ];
}
