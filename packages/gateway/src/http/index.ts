export { parseContentCoding } from './contentHeaders';
export { startHttpServer } from './httpServer';
export { InFlightBytes } from './inFlightBytes';
export { createServiceRoutes } from './serviceRoutes';
export type { Readiness } from './serviceRoutes';
export type { HttpServer } from './httpServer';
export type { ContentCoding, GatewayRequest, Reply, Route } from './types';
