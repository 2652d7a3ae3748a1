import { z } from 'zod';
import { ProtocolError } from './errors';
import { SCHEMA_KINDS, type SchemaText, parseSchemaText } from './schemaText';

/** What a client says of an event type beside its schema. */
export interface SubjectMetadata {
  owner?: string;
  tier?: string;
  description?: string;
}

/** The body of a registration, a look-up or a compatibility test. */
export interface SchemaBody {
  text: SchemaText;
  metadata: SubjectMetadata;
}

const METADATA_KEYS = {
  'millrace.owner': 'owner',
  'millrace.tier': 'tier',
  'millrace.description': 'description',
} as const;

const textMap = z.record(z.string(), z.string());

const bodySchema = z.object({
  schema: z.string(),
  schemaType: z.string().nullish(),
  references: z.array(z.unknown()).nullish(),
  ruleSet: z.unknown().optional(),
  metadata: z
    .object({
      properties: textMap.nullish(),
      tags: z.unknown().optional(),
      sensitive: z.unknown().optional(),
    })
    .nullish(),
  id: z.int().nullish(),
  version: z.int().nullish(),
});

/**
 * Reads the body of a request that holds a schema.
 *
 * What the protocol knows and is not done here is refused by name rather than
 * dropped: a rule that encrypts a field and is not kept would be a field sent
 * in clear. Keys that the protocol does not know are ignored, as it asks for.
 *
 * @throws ProtocolError
 */
export function parseSchemaBody(input: unknown): SchemaBody {
  const parsed = bodySchema.safeParse(input);
  if (!parsed.success) {
    throw new ProtocolError(
      'invalidSchema',
      "The body must be a JSON object with the schema as a text in 'schema'",
    );
  }
  const { schema, schemaType, references, ruleSet, metadata } = parsed.data;
  const kind = SCHEMA_KINDS.find(each => each === (schemaType ?? 'AVRO'));
  if (!kind) {
    throw new ProtocolError(
      'invalidSchema',
      `The schema type must be one of ${SCHEMA_KINDS.join(', ')}`,
    );
  }
  if (references?.length) {
    throw new ProtocolError(
      'invalidSchema',
      'References to other subjects are not supported: put the definitions into the schema itself',
    );
  }
  if (ruleSet !== undefined && ruleSet !== null) {
    throw new ProtocolError(
      'invalidRuleSet',
      'Rule sets are not supported, and a rule that is dropped would not be applied: leave the rule set out',
    );
  }
  return {
    text: parseSchemaText(kind, schema),
    metadata: metadata ? parseMetadata(metadata) : {},
  };
}

/** @throws ProtocolError when a client asks for a number of its own choice */
export function refuseOwnNumbers(input: unknown): void {
  const parsed = bodySchema.pick({ id: true, version: true }).safeParse(input);
  const { id, version } = parsed.success
    ? parsed.data
    : { id: undefined, version: undefined };
  if ((id ?? -1) > 0 || (version ?? -1) > 0) {
    throw new ProtocolError(
      'notPermitted',
      'Numbers of schemas and versions are given by the registry: there is no import mode',
    );
  }
}

function parseMetadata(
  metadata: NonNullable<z.output<typeof bodySchema>['metadata']>,
): SubjectMetadata {
  const { properties, tags, sensitive } = metadata;
  const result: SubjectMetadata = {};
  const unknown = Object.entries({ tags, sensitive })
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key]) => key);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (Object.hasOwn(METADATA_KEYS, key)) {
      result[METADATA_KEYS[key as keyof typeof METADATA_KEYS]] = value;
    } else {
      unknown.push(`properties.${key.slice(0, 60)}`);
    }
  }
  if (unknown.length) {
    throw new ProtocolError(
      'invalidSchema',
      `This metadata would not be kept: ${unknown.join(
        ', ',
      )}. Known properties are ${Object.keys(METADATA_KEYS).join(', ')}`,
    );
  }
  return result;
}
