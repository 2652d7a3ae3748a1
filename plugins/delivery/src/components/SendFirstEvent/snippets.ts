import type { WriteKeyKind } from '@millrace/plugin-delivery-common';

/** What the examples are made of. */
export interface SnippetOptions {
  gatewayUrl: string;
  /** In clear right after it was created; else a place to put it. */
  writeKey: string;
  eventType: string;
  eventId: string;
  data: { [key: string]: unknown };
}

const SOURCE = '/my-first-producer';

/** Closes and reopens the single quotes of a shell around a single quote. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A CloudEvent sent by curl. */
export function curlSnippet(options: SnippetOptions): string {
  const { gatewayUrl, writeKey, eventType, eventId, data } = options;
  const event = {
    specversion: '1.0',
    id: eventId,
    source: SOURCE,
    type: eventType,
    data,
  };
  return `curl --fail-with-body ${gatewayUrl}/v1/events \\
  --header 'Authorization: Bearer ${writeKey}' \\
  --header 'Content-Type: application/cloudevents+json' \\
  --data ${shellQuoted(JSON.stringify(event, undefined, 2))}`;
}

function indented(value: unknown, spaces: number): string {
  return JSON.stringify(value, undefined, 2).replaceAll(
    '\n',
    `\n${' '.repeat(spaces)}`,
  );
}

/** The same with the SDK, which retries and numbers the events. */
export function sdkSnippet(options: SnippetOptions): string {
  const { gatewayUrl, writeKey, eventType, data } = options;
  return `import { createProducer } from '@millrace/sdk';

const producer = createProducer({
  gatewayUrl: '${gatewayUrl}',
  writeKey: '${writeKey}',
  source: '${SOURCE}',
});
const verdict = await producer.send({
  type: '${eventType}',
  data: ${indented(data, 2)},
});
console.log(verdict);
await producer.close();`;
}

/**
 * The same from a page: `fetch` alone, as text so that the browser asks for no
 * permission first, and kept alive so that leaving the page does not stop it.
 */
export function browserSnippet(options: SnippetOptions): string {
  const { gatewayUrl, writeKey, eventType, data } = options;
  return `const response = await fetch('${gatewayUrl}/v1/events?writeKey=${writeKey}', {
  method: 'POST',
  keepalive: true,
  headers: { 'content-type': 'text/plain' },
  body: JSON.stringify({
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: '${SOURCE}',
    type: '${eventType}',
    data: ${indented(data, 4)},
  }),
});
console.log(await response.json());`;
}

/** The same with the client of Segment, pointed at the gateway. */
export function segmentSnippet(options: SnippetOptions): string {
  const { gatewayUrl, writeKey, eventType, data } = options;
  return `import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({
  host: '${gatewayUrl}',
  writeKey: '${writeKey}',
});
analytics.track({
  userId: 'user-1',
  event: '${eventType}',
  properties: ${indented(data.properties ?? data, 2)},
  integrations: { Millrace: { eventType: '${eventType}' } },
});
await analytics.closeAndFlush();`;
}

export type SnippetId = 'curl' | 'sdk' | 'browser' | 'segment';

/** Every example, in the order of the tabs. */
export const SNIPPETS: readonly {
  id: SnippetId;
  title: string;
  language: string;
  /** The kind of key it may hold. */
  keyKind: WriteKeyKind;
  note?: string;
  write: (options: SnippetOptions) => string;
}[] = [
  {
    id: 'curl',
    title: 'curl',
    language: 'bash',
    keyKind: 'server',
    write: curlSnippet,
  },
  {
    id: 'sdk',
    title: 'SDK',
    language: 'typescript',
    keyKind: 'server',
    write: sdkSnippet,
  },
  {
    id: 'browser',
    title: 'Browser',
    language: 'javascript',
    keyKind: 'browser',
    note: 'With a browser key: it is public, can only write the event types it names, and is limited. Never put the key of a server into a page.',
    write: browserSnippet,
  },
  {
    id: 'segment',
    title: 'Segment client',
    language: 'typescript',
    keyKind: 'server',
    note: 'What the client sends becomes the data of the event as it is: userId, event, properties and context.',
    write: segmentSnippet,
  },
];
