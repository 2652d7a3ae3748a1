import type { JsonObject, JsonValue } from '@backstage/types';
import { type Finding, below, finding } from './findings';
import { isJsonObject } from './json';

/**
 * The Open Data Contract Standard 3.1.0 as far as a document can be checked
 * against it: which keys stand where, what they hold, and which must be there.
 * Written from the standard (https://bitol-io.github.io/open-data-contract-standard,
 * Apache-2.0); options that depend on a logical type are not told apart.
 */
type Shape =
  | 'any'
  | 'text'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'scalar'
  | { oneOf: readonly string[] }
  | { listOf: Shape }
  | { object: ObjectName };

interface ObjectShape {
  keys: { readonly [key: string]: Shape };
  required?: readonly string[];
  /** Whether other keys are allowed; of servers they depend on the type. */
  isOpen?: true;
}

type ObjectName =
  | 'contract'
  | 'description'
  | 'server'
  | 'schemaObject'
  | 'property'
  | 'item'
  | 'relationship'
  | 'quality'
  | 'definition'
  | 'support'
  | 'price'
  | 'team'
  | 'member'
  | 'role'
  | 'serviceLevel'
  | 'custom';

export const API_VERSION = 'v3.1.0';

const LOGICAL_TYPES = [
  'string',
  'date',
  'timestamp',
  'time',
  'number',
  'integer',
  'object',
  'array',
  'boolean',
] as const;

const SERVER_TYPES = [
  ...['api', 'athena', 'azure', 'bigquery', 'clickhouse', 'databricks'],
  ...['denodo', 'dremio', 'duckdb', 'glue', 'cloudsql', 'db2', 'hive'],
  ...['informix', 'kafka', 'kinesis', 'local', 'mysql', 'oracle'],
  ...['postgresql', 'postgres', 'presto', 'pubsub', 'redshift', 's3', 'sftp'],
  ...['snowflake', 'sqlserver', 'synapse', 'trino', 'vertica', 'custom'],
];

/** What a server of a type must name; only of those that are met here. */
const SERVER_REQUIRES: { readonly [type: string]: readonly string[] } = {
  bigquery: ['project', 'dataset'],
  kafka: ['host'],
  local: ['path', 'format'],
  pubsub: ['project'],
  s3: ['location'],
};

const tags: Shape = { listOf: 'text' };
const customProperties: Shape = { listOf: { object: 'custom' } };
const authoritativeDefinitions: Shape = { listOf: { object: 'definition' } };
const quality: Shape = { listOf: { object: 'quality' } };
const relationships: Shape = { listOf: { object: 'relationship' } };
const properties: Shape = { listOf: { object: 'property' } };

const element = {
  name: 'text',
  physicalType: 'text',
  physicalName: 'text',
  description: 'text',
  businessName: 'text',
  authoritativeDefinitions,
  tags,
  customProperties,
  relationships,
  quality,
  properties,
} as const;

const property: { readonly [key: string]: Shape } = {
  ...element,
  logicalType: { oneOf: LOGICAL_TYPES },
  logicalTypeOptions: 'any',
  primaryKey: 'boolean',
  primaryKeyPosition: 'integer',
  required: 'boolean',
  unique: 'boolean',
  partitioned: 'boolean',
  partitionKeyPosition: 'integer',
  classification: 'text',
  encryptedName: 'text',
  transformSourceObjects: { listOf: 'text' },
  transformLogic: 'text',
  transformDescription: 'text',
  examples: { listOf: 'any' },
  criticalDataElement: 'boolean',
  items: { object: 'item' },
};

const OBJECTS: { readonly [name in ObjectName]: ObjectShape } = {
  contract: {
    keys: {
      version: 'text',
      kind: { oneOf: ['DataContract'] },
      apiVersion: { oneOf: [API_VERSION] },
      id: 'text',
      name: 'text',
      tenant: 'text',
      tags,
      status: 'text',
      servers: { listOf: { object: 'server' } },
      dataProduct: 'text',
      description: { object: 'description' },
      domain: 'text',
      schema: { listOf: { object: 'schemaObject' } },
      support: { listOf: { object: 'support' } },
      price: { object: 'price' },
      team: { object: 'team' },
      roles: { listOf: { object: 'role' } },
      slaDefaultElement: 'text',
      slaProperties: { listOf: { object: 'serviceLevel' } },
      authoritativeDefinitions,
      customProperties,
      contractCreatedTs: 'text',
    },
    required: ['version', 'apiVersion', 'kind', 'id', 'status'],
  },
  description: {
    keys: {
      usage: 'text',
      purpose: 'text',
      limitations: 'text',
      authoritativeDefinitions,
      customProperties,
    },
    isOpen: true,
  },
  server: {
    keys: {
      server: 'text',
      type: { oneOf: SERVER_TYPES },
      description: 'text',
      environment: 'text',
      roles: { listOf: { object: 'role' } },
      customProperties,
    },
    required: ['server', 'type'],
    isOpen: true,
  },
  schemaObject: {
    keys: {
      ...element,
      logicalType: { oneOf: ['object'] },
      dataGranularityDescription: 'text',
    },
    required: ['name'],
  },
  property: { keys: property, required: ['name'] },
  item: { keys: property },
  relationship: {
    keys: {
      type: { oneOf: ['foreignKey'] },
      from: 'any',
      to: 'any',
      customProperties,
    },
    required: ['to'],
  },
  quality: {
    keys: {
      authoritativeDefinitions,
      businessImpact: 'text',
      customProperties,
      description: 'text',
      dimension: {
        oneOf: [
          'accuracy',
          'completeness',
          'conformity',
          'consistency',
          'coverage',
          'timeliness',
          'uniqueness',
        ],
      },
      method: 'text',
      name: 'text',
      schedule: 'text',
      scheduler: 'text',
      severity: 'text',
      tags,
      type: { oneOf: ['text', 'library', 'sql', 'custom'] },
      unit: 'text',
      metric: {
        oneOf: [
          'nullValues',
          'missingValues',
          'invalidValues',
          'duplicateValues',
          'rowCount',
        ],
      },
      rule: 'text',
      arguments: 'any',
      query: 'text',
      engine: 'text',
      implementation: 'any',
      mustBe: 'any',
      mustNotBe: 'any',
      mustBeGreaterThan: 'number',
      mustBeGreaterOrEqualTo: 'number',
      mustBeLessThan: 'number',
      mustBeLessOrEqualTo: 'number',
      mustBeBetween: { listOf: 'number' },
      mustNotBeBetween: { listOf: 'number' },
    },
  },
  definition: {
    keys: { url: 'text', type: 'text', description: 'text' },
    required: ['url', 'type'],
  },
  support: {
    keys: {
      channel: 'text',
      url: 'text',
      description: 'text',
      tool: 'text',
      scope: 'text',
      invitationUrl: 'text',
      customProperties,
    },
    required: ['channel'],
  },
  price: {
    keys: { priceAmount: 'number', priceCurrency: 'text', priceUnit: 'text' },
  },
  team: {
    keys: {
      name: 'text',
      description: 'text',
      members: { listOf: { object: 'member' } },
      tags,
      customProperties,
      authoritativeDefinitions,
    },
  },
  member: {
    keys: {
      username: 'text',
      name: 'text',
      description: 'text',
      role: 'text',
      dateIn: 'text',
      dateOut: 'text',
      replacedByUsername: 'text',
      tags,
      customProperties,
      authoritativeDefinitions,
    },
    required: ['username'],
  },
  role: {
    keys: {
      role: 'text',
      description: 'text',
      access: 'text',
      firstLevelApprovers: 'text',
      secondLevelApprovers: 'text',
      customProperties,
    },
    required: ['role'],
  },
  serviceLevel: {
    keys: {
      property: 'text',
      value: 'scalar',
      valueExt: 'scalar',
      unit: 'text',
      element: 'text',
      driver: 'text',
      description: 'text',
      scheduler: 'text',
      schedule: 'text',
    },
    required: ['property', 'value'],
  },
  custom: {
    keys: { property: 'text', value: 'any', description: 'text' },
    required: ['property', 'value'],
  },
};

/** Where a document departs from the standard; nothing when it is valid. */
export function checkAgainstStandard(document: JsonObject): Finding[] {
  const findings: Finding[] = [];
  checkObject('contract', document, '', findings);
  return findings;
}

function checkObject(
  name: ObjectName,
  object: JsonObject,
  pointer: string,
  findings: Finding[],
): void {
  const { keys, required = [], isOpen } = OBJECTS[name];
  const wanted =
    name === 'server' && typeof object.type === 'string'
      ? [...required, ...requiredOfServer(object.type)]
      : required;
  for (const key of wanted) {
    if (!Object.hasOwn(object, key)) {
      findings.push(
        finding(
          'missing_key',
          below(pointer, key),
          `The standard asks for '${key}' here`,
        ),
      );
    }
  }
  for (const [key, value] of Object.entries(object)) {
    const at = below(pointer, key);
    if (Object.hasOwn(keys, key)) {
      checkValue(keys[key], value, at, findings);
    } else if (!isOpen) {
      findings.push(
        finding(
          'unknown_key',
          at,
          `The standard has no '${key}' here; it is kept as it is, and a custom property would be understood elsewhere`,
        ),
      );
    }
  }
}

function requiredOfServer(type: string): readonly string[] {
  return Object.hasOwn(SERVER_REQUIRES, type) ? SERVER_REQUIRES[type] : [];
}

function checkValue(
  shape: Shape,
  value: JsonValue | undefined,
  pointer: string,
  findings: Finding[],
): void {
  if (typeof shape === 'object' && 'listOf' in shape) {
    if (Array.isArray(value)) {
      value.forEach((item, index) =>
        checkValue(shape.listOf, item, below(pointer, index), findings),
      );
      return;
    }
  } else if (typeof shape === 'object' && 'object' in shape) {
    if (isJsonObject(value)) {
      checkObject(shape.object, value, pointer, findings);
      return;
    }
  } else if (fits(shape, value)) {
    return;
  }
  findings.push(
    finding('invalid_value', pointer, `Expected ${inWords(shape)} here`),
  );
}

function fits(
  shape: Exclude<Shape, { listOf: Shape } | { object: ObjectName }>,
  value: JsonValue | undefined,
): boolean {
  switch (shape) {
    case 'any':
      return true;
    case 'text':
      return typeof value === 'string';
    case 'integer':
      return Number.isInteger(value);
    case 'scalar':
      return typeof value !== 'object' || value === null;
    case 'number':
    case 'boolean':
      return typeof value === shape;
    default:
      return typeof value === 'string' && shape.oneOf.includes(value);
  }
}

function inWords(shape: Shape): string {
  if (typeof shape === 'string') {
    return shape === 'integer' ? 'a whole number' : `a ${shape}`;
  }
  if ('oneOf' in shape) {
    return `one of ${shape.oneOf.join(', ')}`;
  }
  return 'listOf' in shape ? 'a list' : 'an object';
}
