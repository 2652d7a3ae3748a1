// The least an intake can do and still keep its word, as the limit the gateway
// is measured against: node:http, JSON.parse, a compiled ajv validator, zstd-1,
// and a group commit with fdatasync to one file before the reply. No broker, no
// keys, no verdict per event, no types.
//
//   node bareServer.mjs <folder> <processes>
//
// Says `ready` with its port over IPC. With two processes node:cluster shares
// the connections out between them; each commits to a file of its own.
import cluster from 'node:cluster';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { constants, zstdCompress } from 'node:zlib';
import Ajv from 'ajv';

const [folder, processes] = process.argv.slice(2);
/** A body this large is compressed by itself, a smaller one with its group. */
const ALONE_BYTES = 16 * 1024;
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

if (cluster.isPrimary && Number(processes) > 1) {
  startWorkers(Number(processes));
} else {
  serve();
}

function startWorkers(count) {
  let ready = 0;
  cluster.on('message', (_, { port }) => {
    ready += 1;
    if (ready === count) process.send({ type: 'ready', port });
  });
  for (let n = 0; n < count; n++) cluster.fork();
  process.on('disconnect', () => process.exit(0));
}

function serve() {
  const validate = compile();
  const commit = createCommitter(path.join(folder, `commits-${process.pid}`));
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', async () => {
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      const parsed = JSON.parse(body.toString());
      const events = Array.isArray(parsed) ? parsed : [parsed];
      let accepted = 0;
      for (const event of events) if (validate(event)) accepted += 1;
      await commit(body);
      const reply = `{"status":"stored","accepted":${accepted},"refused":0,"failed":[]}`;
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': reply.length,
      });
      response.end(reply);
    });
  });
  server.listen(0, '127.0.0.1', () =>
    process.send({ type: 'ready', port: server.address().port }),
  );
  process.on('disconnect', () => process.exit(0));
}

function compile() {
  const text = { type: 'string' };
  return new Ajv().compile({
    type: 'object',
    required: ['specversion', 'id', 'source', 'type', 'data'],
    properties: {
      specversion: { const: '1.0' },
      id: text,
      source: text,
      type: text,
      time: text,
      data: {
        type: 'object',
        required: ['orderId', 'customerId', 'amount', 'currency', 'items'],
        additionalProperties: false,
        properties: {
          orderId: text,
          customerId: text,
          amount: { type: 'number' },
          currency: text,
          items: { type: 'integer' },
          country: text,
          channel: text,
        },
      },
    },
  });
}

/** Everything that waits while a commit is on its way shares the next one. */
function createCommitter(file) {
  const fd = fs.openSync(file, 'w');
  const call = (method, ...args) =>
    new Promise((resolve, reject) =>
      method(...args, (error, result) =>
        error ? reject(error) : resolve(result),
      ),
    );
  const compress = data => call(zstdCompress, data, ZSTD);
  let waiting = [];
  let isCommitting = false;

  const commitAll = async () => {
    isCommitting = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const small = group.filter(each => !each.compressed);
      const parts = await Promise.all([
        ...group.map(each => each.compressed).filter(Boolean),
        ...(small.length
          ? [compress(Buffer.concat(small.map(each => each.body)))]
          : []),
      ]);
      const block = Buffer.concat(parts);
      await call(fs.write, fd, block, 0, block.length, null);
      await call(fs.fdatasync, fd);
      group.forEach(({ resolve }) => resolve());
    }
    isCommitting = false;
  };

  return body =>
    new Promise(resolve => {
      const compressed =
        body.length >= ALONE_BYTES ? compress(body) : undefined;
      waiting.push({ body, compressed, resolve });
      if (!isCommitting) setImmediate(() => isCommitting || commitAll());
    });
}
