/** The few methods the data plane logs through. */
export interface Logger {
  debug(message: string, meta?: unknown): void;
  info(message: string, meta?: unknown): void;
  warn(message: string, meta?: unknown): void;
  error(message: string, meta?: unknown): void;
}

/**
 * Logs one line per message: time, level, role, message. The parent process
 * appends the lines to `<data dir>/logs/<role>.log`.
 */
export function createConsoleLogger(role: string): Logger {
  const write = (level: string) => (message: string, meta?: unknown) => {
    const detail = meta === undefined ? '' : ` ${describe(meta)}`;
    process.stdout.write(
      `${new Date().toISOString()} ${level} ${role}: ${message}${detail}\n`,
    );
  };
  return {
    // Quiet by default: a busy gateway would fill the log with them.
    debug: process.env.MILLRACE_DEBUG ? write('debug') : () => {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

function describe(meta: unknown): string {
  if (meta instanceof Error) return meta.stack ?? meta.message;
  return typeof meta === 'string' ? meta : JSON.stringify(meta);
}
