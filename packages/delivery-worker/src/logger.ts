/**
 * What the worker asks of a logger; Backstage's `LoggerService` is one.
 *
 * @public
 */
export interface Logger {
  debug(message: string, meta?: LogMeta): void;
  info(message: string, meta?: LogMeta): void;
  warn(message: string, meta?: LogMeta): void;
  error(message: string, meta?: LogMeta): void;
}

/** @public */
export type LogMeta = { [key: string]: string | number | boolean };
