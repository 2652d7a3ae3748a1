import type { JsonObject } from '@backstage/types';
import { type Finding, below, finding } from '../findings';
import {
  customProperty,
  isJsonObject,
  listIn,
  objectsIn,
  textIn,
} from '../json';
import type { FieldNode, TypeNode } from './fieldTree';

/** The custom property that holds what a value means. */
export const SEMANTIC_TYPE = 'semanticType';

/** Semantic types that nobody but few may see. */
const RESTRICTED = new Set(['secret', 'payment']);

/** Words for data that anybody may see. */
const OPEN_CLASSIFICATIONS = new Set(['public', 'open', 'none']);

/**
 * The logical types a contract may give to a type: the first is what is
 * written. A map and a record are both objects; `date` for a timestamp is how
 * 3.0 said it, which had no other word. `json` is any value, for which the
 * standard has no word, so none is written and any is right.
 */
const LOGICAL_TYPES: { readonly [kind: string]: readonly string[] } = {
  boolean: ['boolean'],
  int: ['integer', 'number'],
  long: ['integer', 'number'],
  float: ['number'],
  double: ['number'],
  string: ['string'],
  uuid: ['string'],
  enum: ['string'],
  timestamp: ['timestamp', 'date'],
  date: ['date'],
  record: ['object'],
  map: ['object'],
  array: ['array'],
};

/** Columns of the envelope, which stand beside the fields in every partition. */
const ENVELOPE = new Set([
  '_id',
  '_source',
  '_time',
  '_received_at',
  '_producer',
  '_epoch',
  '_sequence',
  '_schema_version',
  '_id_conflict',
]);

/** Fields as properties of a contract. */
export function writeProperties(fields: readonly FieldNode[]): JsonObject[] {
  return fields.map(writeProperty);
}

function writeProperty(field: FieldNode): JsonObject {
  const { name, isRequired, doc, semanticType, type } = field;
  const classification = classificationOf(semanticType);
  return {
    name,
    ...writeType(type),
    required: isRequired,
    ...(doc && { description: doc }),
    ...(classification && { classification }),
    ...(semanticType !== undefined && {
      customProperties: [{ property: SEMANTIC_TYPE, value: semanticType }],
    }),
  };
}

function writeType(type: TypeNode): JsonObject {
  const logicalType = LOGICAL_TYPES[type.kind]?.[0];
  return {
    ...(logicalType && { logicalType }),
    physicalType: typeInWords(type),
    ...(type.kind === 'record' && {
      properties: writeProperties(type.fields ?? []),
    }),
    ...(type.kind === 'array' &&
      type.values && {
        items: { ...writeType(type.values), required: !type.valuesOptional },
      }),
  };
}

function typeInWords({ kind, values }: TypeNode): string {
  return values ? `${kind}<${typeInWords(values)}>` : kind;
}

/**
 * A field that says what it means about a person or a secret is not for
 * everybody; one that says nothing is not classified here.
 */
function classificationOf(semanticType?: string): string | undefined {
  if (semanticType === undefined || semanticType === 'none') {
    return undefined;
  }
  return RESTRICTED.has(semanticType) ? 'restricted' : 'confidential';
}

/** Compares properties of a contract with the registered fields. */
export function compareProperties(
  fields: readonly FieldNode[],
  properties: JsonObject['properties'],
  pointer: string,
  findings: Finding[],
  isTop = true,
): void {
  const registered = new Map(fields.map(field => [field.name, field]));
  const seen = new Set<string>();
  if (properties !== undefined && !Array.isArray(properties)) {
    findings.push(
      finding('invalid_structure', pointer, 'Properties are a list'),
    );
    return;
  }
  for (const [index, object] of listIn(properties).entries()) {
    const at = below(pointer, index);
    if (!isJsonObject(object) || typeof object.name !== 'string') {
      findings.push(
        finding('invalid_structure', at, 'A property is an object with a name'),
      );
      continue;
    }
    const { name } = object;
    if (isTop && ENVELOPE.has(name)) {
      continue;
    }
    const field = registered.get(name);
    if (seen.has(name)) {
      findings.push(
        finding(
          'field_listed_twice',
          at,
          `The field '${name}' is listed twice`,
        ),
      );
    } else if (field) {
      compareProperty(field, object, at, findings);
    } else {
      findings.push(
        finding(
          'field_unknown',
          below(at, 'name'),
          `The registered schema has no field '${name}'; register it first, as an optional field`,
        ),
      );
    }
    seen.add(name);
  }
  for (const name of registered.keys()) {
    if (!seen.has(name)) {
      findings.push(
        finding(
          'field_missing',
          pointer,
          `The field '${name}' is not described; it is added when the contract is exported`,
        ),
      );
    }
  }
}

function compareProperty(
  field: FieldNode,
  property: JsonObject,
  pointer: string,
  findings: Finding[],
): void {
  if (property.required === true && !field.isRequired) {
    findings.push(
      finding(
        'field_required_differs',
        below(pointer, 'required'),
        `The field '${field.name}' is optional in the registered schema, so events may lack it`,
      ),
    );
  }
  compareType(field.type, property, pointer, findings);

  const semanticType = customProperty(property, SEMANTIC_TYPE);
  if (semanticType !== undefined && semanticType !== field.semanticType) {
    findings.push(
      finding(
        'semantic_type_differs',
        below(pointer, 'customProperties'),
        `The registered schema says semantic type '${
          field.semanticType ?? 'not declared'
        }' for the field '${field.name}'`,
      ),
    );
  }
  const classification = textIn(property.classification);
  const own = classificationOf(field.semanticType);
  if (
    own &&
    classification &&
    OPEN_CLASSIFICATIONS.has(classification.toLocaleLowerCase('en-US'))
  ) {
    findings.push(
      finding(
        'classification_differs',
        below(pointer, 'classification'),
        `By its semantic type '${field.semanticType}' the field '${field.name}' is ${own}`,
      ),
    );
  }
}

function compareType(
  type: TypeNode,
  property: JsonObject,
  pointer: string,
  findings: Finding[],
): void {
  const { logicalType } = property;
  if (!isTypeRight(type, logicalType)) {
    findings.push(
      finding(
        'field_type_differs',
        below(pointer, 'logicalType'),
        `The registered type is ${typeInWords(type)}, which a contract calls ${
          LOGICAL_TYPES[type.kind]?.[0]
        }`,
      ),
    );
    return;
  }
  if (type.kind === 'record' && property.properties !== undefined) {
    compareProperties(
      type.fields ?? [],
      property.properties,
      below(pointer, 'properties'),
      findings,
      false,
    );
  }
  if (type.kind === 'array' && type.values && isJsonObject(property.items)) {
    const at = below(pointer, 'items');
    if (property.items.required === true && type.valuesOptional) {
      findings.push(
        finding(
          'field_required_differs',
          below(at, 'required'),
          'Items may be null in the registered schema',
        ),
      );
    }
    compareType(type.values, property.items, at, findings);
  }
}

function isTypeRight(
  type: TypeNode,
  logicalType: JsonObject['logicalType'],
): boolean {
  const allowed = LOGICAL_TYPES[type.kind];
  return (
    logicalType === undefined ||
    allowed === undefined ||
    (typeof logicalType === 'string' && allowed.includes(logicalType))
  );
}

/**
 * Brings properties of a contract to the registered fields: what is right is
 * left as it is, with every key its author gave it; what the schema has come to
 * contradict is corrected; fields that are not described are added at the end,
 * and those that are gone go.
 */
export function overlayProperties(
  fields: readonly FieldNode[],
  properties: JsonObject['properties'],
  isTop = true,
): JsonObject[] {
  const registered = new Map(fields.map(field => [field.name, field]));
  const described = new Set<string>();
  const kept = objectsIn(properties).flatMap(({ object }) => {
    const name = textIn(object.name) ?? '';
    const field = registered.get(name);
    described.add(name);
    if (field) {
      return [overlayProperty(field, object)];
    }
    return isTop && ENVELOPE.has(name) ? [object] : [];
  });
  const added = fields.filter(({ name }) => !described.has(name));
  return [...kept, ...writeProperties(added)];
}

function overlayProperty(field: FieldNode, property: JsonObject): JsonObject {
  const overlaid = overlayType(field.type, property);
  return property.required === true && !field.isRequired
    ? { ...overlaid, required: false }
    : overlaid;
}

function overlayType(type: TypeNode, property: JsonObject): JsonObject {
  if (!isTypeRight(type, property.logicalType)) {
    const { items: _items, properties: _properties, ...rest } = property;
    return { ...rest, ...writeType(type) };
  }
  if (type.kind === 'record' && property.properties !== undefined) {
    return {
      ...property,
      properties: overlayProperties(
        type.fields ?? [],
        property.properties,
        false,
      ),
    };
  }
  if (type.kind === 'array' && type.values && isJsonObject(property.items)) {
    const items = overlayType(type.values, property.items);
    return {
      ...property,
      items:
        items.required === true && type.valuesOptional
          ? { ...items, required: false }
          : items,
    };
  }
  return property;
}
