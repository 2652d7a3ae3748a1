/**
 * JSON schema of the kind EventType. It checks the envelope only: `spec.schema`
 * is judged by the event types backend, which owns the rules and can name the
 * exact field that is wrong.
 *
 * @public
 */
export const eventTypeEntityJsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema',
  $id: 'MillraceEventTypeV1alpha1',
  description:
    'A named, versioned schema of events with an owner and a tier; the unit of isolation of event delivery.',
  allOf: [
    { $ref: 'Entity' },
    {
      type: 'object',
      required: ['spec'],
      properties: {
        apiVersion: { enum: ['millrace.io/v1alpha1'] },
        kind: { enum: ['EventType'] },
        spec: {
          type: 'object',
          required: ['owner'],
          properties: {
            owner: {
              type: 'string',
              minLength: 1,
              description: 'Entity reference of the owning group or user.',
            },
            tier: {
              enum: ['critical', 'normal', 'low'],
              description: 'How urgent delivery is; normal when not declared.',
            },
            system: {
              type: 'string',
              minLength: 1,
              description: 'Reference of the system it is part of.',
            },
            retention: {
              type: 'string',
              minLength: 1,
              maxLength: 63,
              description:
                'Id of a retention class; the default of the installation when not declared.',
            },
            expectedEventsPerDay: {
              type: 'integer',
              minimum: 1,
              description: 'How many events are expected per day.',
            },
            schema: {
              type: 'object',
              description:
                'An Avro record with field annotations; fields about persons carry a semanticType.',
            },
            version: { type: 'integer', minimum: 1 },
            fieldCount: { type: 'integer', minimum: 0 },
          },
        },
      },
    },
  ],
} as const;

/**
 * JSON schema of the kind DataEndpoint.
 *
 * @public
 */
export const dataEndpointEntityJsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema',
  $id: 'MillraceDataEndpointV1alpha1',
  description:
    'A dataset as a managed thing: schema, partitions, retention, access, lineage and quality.',
  allOf: [
    { $ref: 'Entity' },
    {
      type: 'object',
      required: ['spec'],
      properties: {
        apiVersion: { enum: ['millrace.io/v1alpha1'] },
        kind: { enum: ['DataEndpoint'] },
        spec: {
          type: 'object',
          required: ['type', 'owner'],
          properties: {
            type: {
              type: 'string',
              minLength: 1,
              description:
                'What fills the endpoint: events for the endpoint of an event type.',
            },
            owner: { type: 'string', minLength: 1 },
            tier: { enum: ['critical', 'normal', 'low'] },
            system: { type: 'string', minLength: 1 },
            deliveredFrom: {
              type: 'string',
              minLength: 1,
              description: 'Reference of the event type that delivers here.',
            },
          },
        },
      },
    },
  ],
} as const;
