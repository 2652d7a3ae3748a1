export { parseContentHeaders } from './contentHeaders';
export type { BodyFormat } from './contentHeaders';
export { startHttpServer } from './httpServer';
export type { EventsRequest, HttpServer, Reply } from './httpServer';
