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
