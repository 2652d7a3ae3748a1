import { createServer, IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/*
 * The few calls of BigQuery's REST API that the sink makes, over real HTTP, with
 * the real client on the other side. Jobs are refused a second time by their id
 * and run when they are told to; a load reads the files it was given the names
 * of and replaces the partition of its decorator. What the server does not know
 * it answers with 501.
 */

export type BigQueryCall =
  | 'get-table'
  | 'make-table'
  | 'start-job'
  | 'get-job'
  | 'query';

export type BigQueryFault =
  /** 503, nothing done. */
  | 'unavailable'
  /** 403, nothing done. */
  | 'forbidden'
  /** Done, and the connection ends without an answer. */
  | 'cut-after';

interface Field {
  name: string;
  type: string;
  mode: string;
  fields?: Field[];
}

interface LoadJob {
  sourceUris: string[];
  destinationTable: { tableId: string };
  writeDisposition: string;
  createDisposition: string;
  schema: { fields: Field[] };
  schemaUpdateOptions: string[];
}

interface Job {
  configuration: {
    load?: LoadJob;
    query?: { query: string; queryParameters: unknown };
  };
  state: 'RUNNING' | 'DONE';
  errorReason?: string;
  outputRows?: number;
}

export interface BigQueryServer {
  url: string;
  tables: Map<string, { fields: Field[]; partitions: Map<string, number> }>;
  jobs: Map<string, Job>;
  calls: Record<BigQueryCall, number>;
  fail(call: BigQueryCall, ...faults: BigQueryFault[]): void;
  /** Lets the running jobs end; with a reason they fail. */
  runJobs(failure?: string): Promise<void>;
  close(): Promise<void>;
}

class Refusal extends Error {
  constructor(readonly status: number, readonly reason: string) {
    super(`Test server: ${reason}`);
  }
}

/** @param countRows - of the file at a `gs://` address */
export async function startBigQueryServer(
  countRows: (uri: string) => Promise<number>,
): Promise<BigQueryServer> {
  const tables: BigQueryServer['tables'] = new Map();
  const jobs = new Map<string, Job>();
  const faults = new Map<BigQueryCall, BigQueryFault[]>();
  const sockets = new Set<Socket>();
  const calls: Record<BigQueryCall, number> = {
    'get-table': 0,
    'make-table': 0,
    'start-job': 0,
    'get-job': 0,
    query: 0,
  };

  function tableOf(id: string) {
    const table = tables.get(id);
    if (!table) {
      throw new Refusal(404, 'notFound');
    }
    return table;
  }

  function describeJob(id: string) {
    const job = jobs.get(id);
    if (!job) {
      throw new Refusal(404, 'notFound');
    }
    const { state, errorReason, outputRows, configuration } = job;
    return {
      jobReference: { projectId: 'test', jobId: id, location: 'EU' },
      configuration,
      status: {
        state,
        ...(errorReason && {
          errorResult: {
            reason: errorReason,
            message: 'Row 7: jane.doe@example.com is not a number',
          },
        }),
      },
      statistics: {
        ...(outputRows !== undefined && {
          load: { outputRows: String(outputRows) },
        }),
      },
    };
  }

  async function run(job: Job): Promise<void> {
    const { load, query } = job.configuration;
    if (load) {
      const [id, hour] = load.destinationTable.tableId.split('$');
      const table = tableOf(id);
      if (
        load.writeDisposition !== 'WRITE_TRUNCATE' ||
        load.createDisposition !== 'CREATE_NEVER' ||
        !/^\d{10}$/.test(hour)
      ) {
        throw new Refusal(400, 'invalid');
      }
      for (const field of table.fields) {
        const given = load.schema.fields.find(
          ({ name }) => name === field.name,
        );
        if (!given || given.type !== field.type || given.mode !== field.mode) {
          throw new Refusal(400, 'invalid');
        }
      }
      const counts = await Promise.all(load.sourceUris.map(countRows));
      job.outputRows = counts.reduce((sum, count) => sum + count, 0);
      table.fields = load.schema.fields;
      table.partitions.set(hour, job.outputRows);
    }
    if (query) {
      const { table, hour } = parseQuery('DELETE', query);
      tableOf(table).partitions.delete(hour);
    }
  }

  const answers: Record<BigQueryCall, (path: string[], body: any) => unknown> =
    {
      'get-table': ([, , table]) => ({
        tableReference: { tableId: table },
        schema: { fields: tableOf(table).fields },
      }),
      'make-table': (_path, body) => {
        const id = body.tableReference.tableId;
        if (tables.has(id)) {
          throw new Refusal(409, 'duplicate');
        }
        if (
          body.timePartitioning?.type !== 'HOUR' ||
          body.timePartitioning.field
        ) {
          throw new Refusal(400, 'invalid');
        }
        tables.set(id, { fields: body.schema.fields, partitions: new Map() });
        return body;
      },
      'start-job': (_path, body) => {
        const { jobId } = body.jobReference;
        if (jobs.has(jobId)) {
          throw new Refusal(409, 'duplicate');
        }
        jobs.set(jobId, {
          configuration: body.configuration,
          state: 'RUNNING',
        });
        return describeJob(jobId);
      },
      'get-job': ([, , id]) => describeJob(id),
      query: (_path, body) => {
        const { table, hour } = parseQuery('SELECT COUNT(*) AS n', body);
        const rows = tableOf(table).partitions.get(hour) ?? 0;
        return {
          jobComplete: true,
          jobReference: { projectId: 'test', jobId: 'query', location: 'EU' },
          schema: { fields: [{ name: 'n', type: 'INTEGER' }] },
          rows: [{ f: [{ v: String(rows) }] }],
        };
      },
    };

  const http = createServer(async (req, res) => {
    const reply = (status: number, value: unknown) => {
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(JSON.stringify(value));
    };
    try {
      const body = await readJson(req);
      const { kind, path } = callOf(req.method ?? '', req.url ?? '');
      calls[kind] += 1;
      const fault = faults.get(kind)?.shift();
      if (fault === 'unavailable') {
        throw new Refusal(503, 'backendError');
      }
      if (fault === 'forbidden') {
        throw new Refusal(403, 'accessDenied');
      }
      const value = answers[kind](path, body);
      if (fault === 'cut-after') {
        req.socket.destroy();
        return;
      }
      reply(200, value);
    } catch (error) {
      const refusal =
        error instanceof Refusal ? error : new Refusal(500, 'internalError');
      reply(refusal.status, {
        error: {
          code: refusal.status,
          message: refusal.message,
          errors: [{ reason: refusal.reason, message: refusal.message }],
        },
      });
    }
  });
  http.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    tables,
    jobs,
    calls,
    fail(call, ...more) {
      faults.set(call, [...(faults.get(call) ?? []), ...more]);
    },
    async runJobs(failure) {
      for (const job of jobs.values()) {
        if (job.state === 'RUNNING') {
          job.errorReason = failure;
          if (!failure) {
            await run(job).catch(error => {
              job.errorReason = error.reason ?? 'internalError';
            });
          }
          job.state = 'DONE';
        }
      }
    },
    async close() {
      sockets.forEach(socket => socket.destroy());
      await new Promise(resolve => http.close(resolve));
    },
  };
}

function callOf(
  method: string,
  url: string,
): { kind: BigQueryCall; path: string[] } {
  const { pathname } = new URL(url, 'http://bigquery');
  const rest = /^\/bigquery\/v2\/projects\/test(\/.*)$/.exec(pathname)?.[1];
  const known: [RegExp, BigQueryCall][] = [
    [/^GET \/datasets\/([^/]+)\/tables\/([^/]+)$/, 'get-table'],
    [/^POST \/datasets\/([^/]+)\/tables$/, 'make-table'],
    [/^POST (\/)jobs$/, 'start-job'],
    [/^GET (\/)jobs\/([^/]+)$/, 'get-job'],
    [/^POST (\/)queries$/, 'query'],
  ];
  for (const [pattern, kind] of known) {
    const match = pattern.exec(`${method} ${rest}`);
    if (match) {
      return { kind, path: match.map(decodeURIComponent) };
    }
  }
  throw new Refusal(501, 'notImplemented');
}

/** Takes the two statements the sink has, and no other. */
function parseQuery(
  verb: string,
  request: { query: string; queryParameters: any },
): { table: string; hour: string } {
  const [, start, table] =
    /^(.+) FROM `test\.events\.([a-z0-9_-]+)` WHERE _PARTITIONTIME = TIMESTAMP\(@hour\)$/.exec(
      request.query,
    ) ?? [];
  const [parameter] = request.queryParameters;
  if (start !== verb || parameter.name !== 'hour') {
    throw new Refusal(400, 'invalidQuery');
  }
  const hour = String(parameter.parameterValue.value)
    .replace(/\D/g, '')
    .slice(0, 10);
  return { table, hour };
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) {
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  return text ? JSON.parse(text) : undefined;
}
