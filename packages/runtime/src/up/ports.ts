import net from 'node:net';
import { UsageError } from '../errors';
import type { Ports } from './options';

/**
 * Makes sure that every port is free before anything starts, so that a taken
 * one is a sentence and not a crash in the middle.
 *
 * @throws UsageError `port_taken`
 */
export async function requireFreePorts(
  ports: Pick<Ports, 'portal'> & Partial<Ports>,
): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (!(await isFree(port))) {
      throw new UsageError(
        'port_taken',
        `Port ${port} (${name}) is taken by another program.`,
        `Stop that program, or choose other ports: npm start -- --port ${suggest(
          ports.portal,
        )}`,
      );
    }
  }
}

/**
 * Both loopback addresses: `localhost` may mean either, so a program on the
 * other one would answer a browser in our place.
 */
async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1']) {
    if (!(await mayListen(port, host))) return false;
  }
  return true;
}

function mayListen(port: number, host: string): Promise<boolean> {
  return new Promise(resolve => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      // Only "taken" counts: a machine may have no IPv6 at all.
      resolve(error.code !== 'EADDRINUSE'),
    );
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

function suggest(taken: number): number {
  return taken < 65_000 ? taken + 100 : taken - 100;
}
