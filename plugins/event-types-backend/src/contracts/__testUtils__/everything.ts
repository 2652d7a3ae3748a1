/** The schema that {@link EVERYTHING} describes. */
export const everythingSchema = {
  type: 'record',
  name: 'payment',
  fields: [
    { name: 'paid_on', type: ['null', { type: 'int', logicalType: 'date' }] },
    { name: 'payer_id', type: 'string' },
    { name: 'country', type: ['null', 'string'] },
    { name: 'amount', type: 'double' },
    { name: 'attempts', type: 'int' },
    { name: 'isFinal', type: 'boolean' },
    { name: 'labels', type: { type: 'array', items: 'string' } },
    {
      name: 'settled_at',
      type: { type: 'long', logicalType: 'timestamp-micros' },
    },
  ],
};

/**
 * A valid contract with every section of the standard, and each kind of quality
 * rule, relationship and service level once.
 */
export const EVERYTHING = `
domain: payments
dataProduct: settlement
version: 2.0.1
status: active
id: 7d2b7a34-6b8b-4e6e-9a5e-1c6f5b0c8f11
name: Payments
tenant: Mill
tags: [money]
kind: DataContract
apiVersion: v3.1.0
description:
  purpose: What customers paid.
  limitations: Chargebacks are elsewhere.
  usage: Revenue per day
  authoritativeDefinitions:
    - { type: privacy-statement, url: https://docs.example/privacy }
  customProperties:
    - { property: audience, value: internal }
servers:
  - { server: db, type: postgres, host: db.example, port: 5432, database: pay, schema: public }
  - { server: stream, type: kafka, host: broker.example:9092, format: avro }
  - { server: files, type: s3, location: 's3://pay/{model}/*.parquet', format: parquet }
  - { server: folder, type: local, path: ./pay, format: parquet, environment: dev }
  - { server: warehouse, type: bigquery, project: pay, dataset: events }
  - { server: topic, type: pubsub, project: pay, roles: [{ role: reader }] }
  - { server: other, type: custom, location: 'gs://pay/', customProperties: [{ property: a, value: 1 }] }
schema:
  - name: payments
    physicalName: pay.payment
    physicalType: table
    logicalType: object
    businessName: Payments
    description: One row for each payment
    dataGranularityDescription: By payment
    tags: [money, finance]
    authoritativeDefinitions:
      - { url: https://docs.example/payments, type: businessDefinition, description: In words }
    relationships:
      - type: foreignKey
        from: [payments.payer_id, payments.country]
        to: [payers.id, payers.country]
        customProperties: [{ property: cardinality, value: many-to-one }]
    quality:
      - { metric: rowCount, mustBeGreaterThan: 1000, type: library, dimension: completeness, method: reconciliation, severity: error, businessImpact: operational, schedule: 0 20 * * *, scheduler: cron, unit: rows }
      - { type: sql, query: 'SELECT COUNT(*) FROM \${table} WHERE amount < 0', mustBe: 0, name: no refunds }
      - { type: custom, engine: soda, implementation: { checks: [duplicate_count(payer_id) = 0] } }
      - { type: text, description: Amounts are in the currency of the country, tags: [a] }
    customProperties:
      - { property: business-key, value: [paid_on, payer_id] }
    properties:
      - name: paid_on
        physicalName: pd_on
        businessName: payment date
        logicalType: date
        logicalTypeOptions: { format: yyyy-MM-dd, minimum: 2020-01-01 }
        physicalType: date
        primaryKey: false
        primaryKeyPosition: -1
        required: false
        partitioned: true
        partitionKeyPosition: 1
        criticalDataElement: false
        classification: public
        transformSourceObjects: [raw_payments]
        transformLogic: SELECT day FROM raw_payments
        transformDescription: The day in the payer's country
        examples: [2022-10-03, 2020-01-28]
      - name: payer_id
        primaryKey: true
        primaryKeyPosition: 1
        logicalType: string
        logicalTypeOptions: { minLength: 1, maxLength: 18, pattern: '^[a-z0-9]+$' }
        required: true
        unique: false
        encryptedName: payer_id_encrypted
        relationships:
          - { to: payers.id, type: foreignKey }
        authoritativeDefinitions:
          - { url: 'jdbc:postgresql://db.example/pay/payer', type: implementation }
      - name: country
        logicalType: string
        quality:
          - { metric: nullValues, mustBeLessOrEqualTo: 5, unit: percent }
          - { metric: invalidValues, arguments: { validValues: [NO, SE] }, mustBe: 0 }
          - { metric: missingValues, arguments: { missingValues: ['', n/a, null] }, mustBeBetween: [0, 10] }
      - { name: amount, logicalType: number, logicalTypeOptions: { minimum: 0, format: f64 } }
      - { name: attempts, logicalType: integer, logicalTypeOptions: { format: i32 }, examples: [1, 2] }
      - { name: isFinal, logicalType: boolean, examples: [true] }
      - name: labels
        logicalType: array
        logicalTypeOptions: { maxItems: 10 }
        items: { logicalType: string }
      - { name: settled_at, logicalType: timestamp, logicalTypeOptions: { timezone: true, defaultTimezone: Etc/UTC } }
  - name: payers
    physicalType: table
    properties:
      - { name: id, logicalType: string, primaryKey: true }
price: { priceAmount: 9.95, priceCurrency: USD, priceUnit: megabyte }
team:
  name: payments
  description: Who answers
  tags: [core]
  members:
    - { username: a.owner, role: Owner, name: A. Owner, description: Answers first, dateIn: 2022-08-02 }
    - { username: b.left, role: Engineer, dateIn: 2022-08-02, dateOut: 2022-10-01, replacedByUsername: a.owner }
roles:
  - { role: reader, access: read, firstLevelApprovers: Lead, secondLevelApprovers: na, description: Reads }
slaDefaultElement: payments.paid_on
slaProperties:
  - { property: latency, value: 4, unit: d, element: payments.paid_on }
  - { property: generalAvailability, value: 2022-05-12T09:30:10-08:00 }
  - { property: endOfSupport, value: 2032-05-12T09:30:10-08:00 }
  - { property: endOfLife, value: 2042-05-12T09:30:10-08:00 }
  - { property: retention, value: 3, unit: y }
  - { property: frequency, value: 1, valueExt: 1, unit: d }
  - { property: timeOfAvailability, value: 09:00-08:00, driver: regulatory, scheduler: cron, schedule: 0 9 * * * }
  - { property: throughput, value: null, description: Not agreed yet }
support:
  - { channel: '#payments', tool: slack, url: https://chat.example/payments, scope: interactive }
  - { channel: payments-list, tool: email, url: 'mailto:payments@mail.example', invitationUrl: https://mail.example/join }
authoritativeDefinitions:
  - { url: https://docs.example/contract, type: tutorial }
customProperties:
  - { property: cluster, value: [one, { two: 2 }], description: Where it runs }
contractCreatedTs: 2022-11-15T02:59:43+00:00
`;
