/**
 * What the broker needs of a logger; Backstage's LoggerService fits.
 *
 * @public
 */
export interface BrokerLogger {
  info(message: string, meta?: Record<string, string | number>): void;
  warn(message: string, meta?: Record<string, string | number>): void;
  error(message: string, meta?: Record<string, string | number>): void;
}
