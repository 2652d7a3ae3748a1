import { GatewayMetrics } from '../metrics';
import { openApiDocument } from '../openapi';
import { Route } from './types';

/** What a gateway needs to be ready, as it is now. */
export interface Readiness {
  /** Of the config snapshot in use. */
  generation: number | undefined;
  /** What is known from the last publish or probe. */
  broker: 'unknown' | 'ok' | 'failing';
  stopping: boolean;
}

/**
 * What is asked by those who run the gateway:
 *
 *   GET  /healthz       the process is alive
 *   GET  /readyz        it has a config snapshot and a real publish works
 *   GET  /metrics       counts for Prometheus
 *   GET  /openapi.json  what the gateway takes and answers
 */
export function createServiceRoutes(options: {
  metrics: GatewayMetrics;
  readiness(): Readiness;
}): Route[] {
  const { metrics, readiness } = options;
  const document = JSON.stringify(openApiDocument);
  return [
    {
      method: 'GET',
      path: '/healthz',
      handle: async () => ({ status: 200, body: { status: 'ok' } }),
    },
    {
      method: 'GET',
      path: '/readyz',
      handle: async () => {
        const { generation, broker, stopping } = readiness();
        const ready = generation !== undefined && broker === 'ok' && !stopping;
        const body = { ready, generation, broker, stopping };
        return { status: ready ? 200 : 503, body };
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => ({
        status: 200,
        body: await metrics.text(),
        headers: { 'content-type': metrics.contentType },
      }),
    },
    {
      method: 'GET',
      path: '/openapi.json',
      handle: async () => ({ status: 200, body: document }),
    },
  ];
}
