/** A schema with something of every kind. */
export const schema = {
  type: 'record',
  name: 'order_placed',
  namespace: 'shop',
  fields: [
    { name: 'order_id', type: 'string', doc: 'Unique' },
    { name: 'email', type: ['null', 'string'], semanticType: 'email' },
    {
      name: 'placed_at',
      type: { type: 'long', logicalType: 'timestamp-micros' },
    },
    {
      name: 'lines',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'line',
          fields: [
            { name: 'sku', type: 'string' },
            { name: 'count', type: 'int' },
          ],
        },
      },
    },
    { name: 'first_line', type: ['null', 'line'] },
    { name: 'totals', type: { type: 'map', values: 'double' } },
    { name: 'raw', type: { type: 'string', logicalType: 'json' } },
  ],
};
export const NAME = 'shop.order_placed';

/** The example that the standard's own text builds up, for this event type. */
export const CONTRACT = `# What the orders team promises
apiVersion: v3.1.0
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
version: 1.10.0
status: active
domain: shop
tenant: Mill
description:
  purpose: Orders as customers placed them.
  limitations: No refunds
  usage: Predict sales
servers:
  - server: warehouse
    type: postgres
    host: db.example
    port: 5432
    database: shop
    schema: events
schema:
  - name: orders
    physicalName: shop.order_placed
    physicalType: table
    businessName: Orders
    properties:
      - name: _received_at
        logicalType: timestamp
      - name: placed_at
        logicalType: timestamp
        partitioned: true
        partitionKeyPosition: 1
        examples: [2022-10-03, 2020-01-28]
      - name: order_id
        primaryKey: true
        primaryKeyPosition: 1
        logicalType: string
        physicalType: varchar(18)
        required: true
        quality:
          - metric: duplicateValues
            mustBe: 0
            type: library
            severity: error
            schedule: 0 20 * * *
            scheduler: cron
            x-internal: { threshold: 0.5 }
      - name: email
        logicalType: string
        classification: restricted
        encryptedName: email_encrypt
      - name: lines
        logicalType: array
        items:
          logicalType: object
          properties:
            - name: sku
              logicalType: string
            - name: count
              logicalType: integer
              logicalTypeOptions: { minimum: 1 }
      - name: first_line
        logicalType: object
      - name: totals
        logicalType: object
      - name: raw
        logicalType: string
  - name: customers
    physicalType: table
team:
  name: webhooks
  members:
    - username: daustin
      role: Owner
      dateIn: 2022-10-01
slaProperties:
  - property: latency
    value: 4
    unit: h
  - property: latency
    value: 10
    unit: min
  - property: frequency
    value: PT1H
  - property: timeOfAvailability
    value: 09:00-08:00
    driver: regulatory
  - property: retention
    value: 3
    unit: y
  - property: latency
    value: soon
roles:
  - role: reader
    access: read
x-ours:
  nested: [1, { deep: yes }]
customProperties:
  - property: refRulesetName
    value: [a, 1, null]
contractCreatedTs: 2022-11-15T02:59:43+00:00
`;
