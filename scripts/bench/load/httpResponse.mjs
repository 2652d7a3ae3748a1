/**
 * A reader of HTTP/1.1 replies for the load generator: only what a server that
 * answers JSON with a Content-Length sends. Anything else is an error and never
 * guessed at, because a miscounted reply would be a miscounted event.
 *
 * Several times cheaper than Node's own client, which would otherwise take a
 * good part of the CPU that is being measured.
 *
 * @param {(reply: { status: number, body: string, isLast: boolean }) => void} onReply
 * @returns {(chunk: Buffer) => void} feed it what arrives, in any pieces
 * @throws Error from the returned function on a reply it cannot read
 */
export function createReplyReader(onReply) {
  let pending = '';
  return chunk => {
    pending += chunk.latin1Slice(0, chunk.length);
    for (;;) {
      const headEnd = pending.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = readHead(pending.slice(0, headEnd));
      const bodyStart = headEnd + 4;
      const bodyEnd = bodyStart + head.length;
      if (pending.length < bodyEnd) return;
      const body = pending.slice(bodyStart, bodyEnd);
      pending = pending.slice(bodyEnd);
      onReply({ status: head.status, body, isLast: head.isLast });
    }
  };
}

function readHead(text) {
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/m.exec(text);
  const length = /^content-length: *(\d+) *$/im.exec(text);
  if (!status || !length) {
    throw new Error(
      `The server sent a reply the load generator cannot read: ${text.slice(
        0,
        200,
      )}`,
    );
  }
  return {
    status: Number(status[1]),
    length: Number(length[1]),
    isLast: /^connection: *close *$/im.test(text),
  };
}

/**
 * Reads one count of a reply of the gateway, without parsing the rest.
 *
 * @param {string} body
 * @param {'accepted' | 'refused'} name
 * @returns {number} 0 when the reply has no such count
 */
export function readCount(body, name) {
  const key = `"${name}":`;
  const at = body.indexOf(key);
  return at < 0 ? 0 : Number.parseInt(body.slice(at + key.length), 10);
}
