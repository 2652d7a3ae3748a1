import net from 'node:net';
import { createReplyReader } from './httpResponse.mjs';

/**
 * One keep-alive connection with one request on its way at most. A server that
 * closes the connection gets a new one; a request that was on its way then
 * counts as `broken` and is never sent again by itself.
 *
 * @param {{ host: string, port: number,
 *   onReply: (reply: { status: number, body: string }, context: unknown) => void,
 *   onBroken: (context: unknown, why: string) => void,
 *   onFree: () => void }} options `onFree` is called whenever a request may go out
 */
export function openConnection({ host, port, onReply, onBroken, onFree }) {
  let socket;
  let current;
  let isClosed = false;

  const connect = () => {
    socket = net.connect({ host, port, noDelay: true });
    const own = socket;
    let isLast = false;
    const read = createReplyReader(reply => {
      const context = current;
      current = undefined;
      onReply(reply, context);
      if (reply.isLast) {
        isLast = true;
        own.end();
      } else if (current === undefined) {
        onFree();
      }
    });
    own.on('data', chunk => {
      try {
        read(chunk);
      } catch (error) {
        own.destroy(error);
      }
    });
    own.on('connect', () => onFree());
    let why = 'closed by the server';
    own.on('error', error => {
      why = error.code ?? error.message;
    });
    own.on('close', () => {
      const context = current;
      current = undefined;
      if (context !== undefined) onBroken(context, why);
      if (!isClosed) setTimeout(connect, isLast ? 0 : 20);
    });
  };
  connect();

  return {
    get isFree() {
      return current === undefined && socket.readyState === 'open' && !isClosed;
    },
    send(buffer, context) {
      current = context;
      socket.write(buffer);
    },
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
}
