import type { GatewayRequest, Reply, Route } from '../http';
import { Pacer } from '../intake';
import { CALL_TYPES } from './mapCall';
import { receiveCalls } from './receiveCalls';
import { receiveLogs } from './receiveLogs';
import type { BorrowedOptions } from './types';

/**
 * The routes for clients that were made for other systems: Segment's and
 * RudderStack's, and OpenTelemetry's log exporters.
 *
 *   POST /v1/batch                     many calls (`/v1/b` is the same)
 *   POST /v1/track, /v1/identify, …    one call (`/v1/t`, `/v1/i`, …)
 *   POST /v1/logs                      log records as OTLP JSON
 *
 * How their calls become events is documented in `docs/borrowed-clients.md`.
 */
export function createBorrowedRoutes(options: BorrowedOptions): Route[] {
  const deps = { ...options, pacer: new Pacer() };
  const post = (
    path: string,
    handle: (request: GatewayRequest) => Promise<Reply>,
  ): Route => ({ method: 'POST', path, handle });
  return [
    post('/v1/batch', request => receiveCalls(request, deps)),
    // Browsers' clients shorten the paths to the first letter.
    post('/v1/b', request => receiveCalls(request, deps)),
    ...CALL_TYPES.flatMap(type =>
      [type, type[0]].map(name =>
        post(`/v1/${name}`, request => receiveCalls(request, deps, type)),
      ),
    ),
    post('/v1/logs', request => receiveLogs(request, deps)),
  ];
}
