import path from 'node:path';
import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Flags {
  portalUrl: string;
  gatewayUrl: string;
  dataDir: string;
  journalFile: string;
  rate: number;
  maxEvents: number | undefined;
}

export const USAGE = `Sends real GitHub webhook payloads through Millrace.

  --portal <url>     the portal            (default http://localhost:7007)
  --gateway <url>    the gateway           (default http://localhost:7008)
  --data-dir <dir>   keeps the write key   (default .millrace/demo)
  --journal <file>   outcome of each send  (default <data-dir>/journal.ndjson)
  --rate <n>         events per second     (default 20)
  --events <n>       stop after n events   (default: until it is told to)
`;

/** @throws Error with a sentence about the flag that is wrong */
export function parseFlags(args: string[]): Flags {
  const { values } = parseArgs({
    args,
    options: {
      portal: { type: 'string', default: 'http://localhost:7007' },
      gateway: { type: 'string', default: 'http://localhost:7008' },
      'data-dir': { type: 'string', default: path.join('.millrace', 'demo') },
      journal: { type: 'string' },
      rate: { type: 'string', default: '20' },
      events: { type: 'string' },
    },
  });
  const rate = Number(values.rate);
  if (!(rate > 0 && rate <= 100_000)) {
    throw new Error('--rate is a number of events per second above 0');
  }
  const maxEvents =
    values.events === undefined ? undefined : Number(values.events);
  if (
    maxEvents !== undefined &&
    !(Number.isInteger(maxEvents) && maxEvents > 0)
  ) {
    throw new Error('--events is a whole number above 0');
  }
  return {
    portalUrl: values.portal,
    gatewayUrl: values.gateway,
    dataDir: values['data-dir'],
    journalFile:
      values.journal ?? path.join(values['data-dir'], 'journal.ndjson'),
    rate,
    maxEvents,
  };
}
