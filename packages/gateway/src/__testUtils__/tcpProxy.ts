import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** Cuts every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Listens again on the same port. */
  restore(): Promise<void>;
}

/** Stands between a client and a server so that a test can part them. */
export async function startTcpProxy(target: {
  host: string;
  port: number;
}): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let server: Server;

  const listen = async (port: number) => {
    server = createServer(client => {
      const upstream = connect(target.port, target.host);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ]) {
        sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
      }
    });
    await new Promise<void>(resolve => {
      server.listen(port, '127.0.0.1', resolve);
    });
    return (server.address() as AddressInfo).port;
  };

  const port = await listen(0);
  return {
    port,
    cut: async () => {
      const closed = new Promise(resolve => {
        server.close(resolve);
      });
      sockets.forEach(socket => socket.destroy());
      await closed;
    },
    restore: async () => {
      await listen(port);
    },
  };
}
