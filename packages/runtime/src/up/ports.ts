import net from 'node:net';
import { UsageError } from '../errors';
import type { Ports } from './options';

/**
 * Makes sure that every port is free before anything starts, so that a taken
 * one is a sentence and not a crash in the middle.
 *
 * @throws UsageError `port_taken`
 */
export async function requireFreePorts(ports: Ports): Promise<void> {
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

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function suggest(taken: number): number {
  return taken < 65_000 ? taken + 100 : taken - 100;
}
