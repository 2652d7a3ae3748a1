import { EVENT_REASONS, REQUEST_REASONS } from '../errors';

const json = (schema: object) => ({ 'application/json': { schema } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const text = (description: string) => ({ type: 'string', description });

const retryAfter = {
  'Retry-After': {
    description: 'Whole seconds after which to send again',
    schema: { type: 'integer' },
  },
};

/** What each status means, and what a sender does then. */
const STATUSES: Record<number, string> = {
  400: 'Nothing could be taken: not JSON, no events, or every event refused. Sending the same again changes nothing',
  401: 'The write key is missing or not known. Keep the events, tell somebody, try again slowly',
  403: 'The write key may send none of these event types; nothing was stored. Keep the events, tell somebody, try again slowly',
  413: 'Too large: `error.limit` names the limit. Send the events in halves',
  415: 'The content type or encoding is not one the gateway takes',
  429: 'More than the write key or address may send: `error.limit` names the limit. Keep the events and come again after Retry-After',
  503: 'Nothing is durable now. Keep the events and come again after Retry-After',
};

const failures = Object.fromEntries(
  Object.entries(STATUSES).map(([status, description]) => [
    status,
    {
      description,
      headers: status === '429' || status === '503' ? retryAfter : undefined,
      content: json(
        status === '400' || status === '503'
          ? { oneOf: [ref('ErrorReply'), ref('EventsReply')] }
          : ref('ErrorReply'),
      ),
    },
  ]),
);

const cloudEvent = {
  type: 'object',
  description: 'CloudEvents 1.0, JSON format',
  required: ['specversion', 'id', 'source', 'type', 'data'],
  properties: {
    specversion: { type: 'string', enum: ['1.0'] },
    id: { type: 'string', minLength: 1, maxLength: 256 },
    source: { type: 'string', minLength: 1, maxLength: 1024 },
    type: text('Name of a registered event type'),
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { type: 'string', enum: ['application/json'] },
    producer: text('Name of the installation that sends'),
    epoch: text('Names one life of the producer'),
    sequence: {
      type: 'integer',
      minimum: 0,
      description: 'Number of the event in its epoch',
    },
    data: { type: 'object', description: 'Fits the schema of the event type' },
  },
  additionalProperties: {
    description: 'Extension attributes: lower case letters and digits',
    type: ['string', 'number', 'boolean', 'null'],
  },
};

/** What `POST /v1/events` and the service routes take and answer. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'Millrace gateway',
    version: '1.0.0',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    description:
      'Takes events and answers each with a verdict. 2xx means that every accepted event is committed to the broker.',
  },
  security: [{ bearer: [] }, { basic: [] }, { header: [] }],
  paths: {
    '/v1/events': {
      post: {
        operationId: 'sendEvents',
        summary: 'Send events',
        requestBody: {
          required: true,
          description:
            'Bodies may be compressed with gzip or zstd. In binary mode the attributes are in ce-* headers and the body is `data`.',
          content: {
            'application/cloudevents+json': { schema: ref('CloudEvent') },
            'application/cloudevents-batch+json': {
              schema: { type: 'array', items: ref('CloudEvent') },
            },
            'application/json': {
              schema: {
                oneOf: [
                  ref('CloudEvent'),
                  { type: 'array', items: ref('CloudEvent') },
                ],
              },
            },
            'application/x-ndjson': { schema: { type: 'string' } },
            'text/plain': { schema: { type: 'string' } },
          },
        },
        responses: {
          200: {
            description: 'Every event is durable',
            content: json(ref('EventsReply')),
          },
          207: {
            description:
              'Some events are durable. `failed` lists the others; send again those that are retriable',
            headers: retryAfter,
            content: json(ref('EventsReply')),
          },
          ...failures,
        },
      },
    },
    '/healthz': service('isAlive', 'The process is alive'),
    '/readyz': service('isReady', 'A publish to the broker works', {
      503: { description: 'It does not, or there is no configuration yet' },
    }),
    '/metrics': service('readMetrics', 'Counts in the Prometheus text format'),
    '/openapi.json': service('readDocument', 'This document'),
  },
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      basic: {
        type: 'http',
        scheme: 'basic',
        description: 'The write key as user name',
      },
      header: { type: 'apiKey', in: 'header', name: 'X-Write-Key' },
    },
    schemas: {
      CloudEvent: cloudEvent,
      EventsReply: {
        type: 'object',
        required: ['status', 'receipt', 'accepted', 'refused', 'failed'],
        additionalProperties: false,
        properties: {
          status: { type: 'string', enum: ['stored', 'partial', 'rejected'] },
          receipt: text('Names this reply in logs and questions'),
          accepted: { type: 'integer', minimum: 0 },
          refused: { type: 'integer', minimum: 0 },
          failed: { type: 'array', items: ref('FailedEvent') },
          deprecated: { type: 'array', items: ref('DeprecatedEventType') },
        },
      },
      FailedEvent: {
        type: 'object',
        required: ['index', 'reason', 'message', 'retriable'],
        additionalProperties: false,
        properties: {
          index: { type: 'integer', minimum: 0 },
          id: { type: 'string' },
          reason: { type: 'string', enum: Object.keys(EVENT_REASONS) },
          pointer: text('RFC 6901 pointer into the event'),
          message: text('Names the field and the rule, never the value'),
          retriable: { type: 'boolean' },
        },
      },
      DeprecatedEventType: {
        type: 'object',
        required: ['type', 'since'],
        additionalProperties: false,
        properties: {
          type: text('Should no longer be sent'),
          since: { type: 'string', format: 'date-time' },
          endsOn: { type: 'string', format: 'date' },
          successor: text('The event type to send instead'),
        },
      },
      ErrorReply: {
        type: 'object',
        required: ['error'],
        additionalProperties: false,
        properties: {
          error: {
            type: 'object',
            required: ['reason', 'message'],
            properties: {
              reason: { type: 'string', enum: Object.keys(REQUEST_REASONS) },
              message: { type: 'string' },
              limit: {
                type: 'object',
                required: ['name', 'value'],
                properties: {
                  name: { type: 'string' },
                  value: { type: 'number' },
                },
              },
            },
          },
        },
      },
    },
  },
};

function service(
  operationId: string,
  description: string,
  others: Record<string, object> = {},
) {
  return {
    get: {
      operationId,
      security: [],
      responses: { 200: { description }, ...others },
    },
  };
}
