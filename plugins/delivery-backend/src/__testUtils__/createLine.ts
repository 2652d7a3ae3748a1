import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a server that can be cut, as a network can. */
export async function createLine(target: { host: string; port: number }) {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer(socket => {
    const upstream = isCut ? undefined : connect(target.port, target.host);
    for (const end of [socket, upstream]) {
      if (end) {
        open.add(end);
        end.on('error', () => end.destroy());
        end.on('close', () => {
          open.delete(end);
          socket.destroy();
          upstream?.destroy();
        });
      }
    }
    if (upstream) {
      socket.pipe(upstream).pipe(socket);
    } else {
      socket.destroy();
    }
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const cut = () => {
    isCut = true;
    open.forEach(socket => socket.destroy());
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend() {
      isCut = false;
    },
    async close() {
      cut();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
