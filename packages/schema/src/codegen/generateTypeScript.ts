import { FieldModel, modelOf, RecordModel, TypeModel } from '../avro/model';
import { EventSchema } from '../avro/types';
import { fingerprintOf, HeaderEntry, writeHeader } from './header';
import { camelCase, Identifiers, pascalCase } from './identifiers';
import { docComment, propertyName, stringLiteral } from './syntax';

/**
 * An event type to generate code for.
 *
 * @public
 */
export interface CodegenEventType {
  name: string;
  /** Of the schema. 0 when it comes from a file, which has no version. */
  version: number;
  description?: string;
  schema: EventSchema;
}

const SCALARS = {
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  timestamp: 'string',
  date: 'string',
  uuid: 'string',
  json: 'unknown',
} as const;

/** What a TypeScript type does not say. */
const NOTES: Partial<Record<TypeModel['kind'], string>> = {
  int: 'An integer of 32 bits.',
  long: 'An integer from -(2^53 - 1) to 2^53 - 1.',
  timestamp: 'RFC 3339 with an offset, for example 2026-01-31T12:00:00Z.',
  date: 'A date such as 2026-01-31.',
  uuid: 'A UUID.',
  json: 'Any JSON.',
};

/**
 * Writes TypeScript for event types: an interface of the data of each, one for
 * each record inside it, and a descriptor to send it by with the SDK.
 *
 * The same event types give the same text, in whatever order they come. Data
 * that fits a schema fits its interface; ranges and forms of text are for the
 * validator to check.
 *
 * @public
 */
export function generateTypeScript(
  eventTypes: readonly CodegenEventType[],
): string {
  const sorted = [...eventTypes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const identifiers = new Identifiers();
  // Before those of nested records: they are what people import.
  const named = sorted.map(eventType => {
    const interfaceName = identifiers.give(pascalCase(eventType.name));
    const constant = identifiers.give(camelCase(interfaceName));
    return { eventType, interfaceName, constant };
  });
  const entries: HeaderEntry[] = [];
  const sections = named.map(({ eventType, interfaceName, constant }) => {
    const { name, version } = eventType;
    const section = writeEventType(
      eventType,
      interfaceName,
      constant,
      identifiers,
    );
    entries.push({ name, version, fingerprint: fingerprintOf(section) });
    return section;
  });
  return [
    writeHeader(entries),
    '/* eslint-disable */',
    "import type { EventTypeDescriptor } from '@millrace/sdk';\n",
    ...sections,
  ].join('\n');
}

function writeEventType(
  { name, version, description, schema }: CodegenEventType,
  interfaceName: string,
  constant: string,
  identifiers: Identifiers,
): string {
  const model = modelOf(schema);
  const title = `Event type \`${name}\`${
    version > 0 ? `, version ${version}` : ''
  }.`;
  const records = nameRecords(model, interfaceName, identifiers);
  const interfaces = [...records].map(([record, recordName]) =>
    writeInterface(
      record,
      recordName,
      record === model ? [title, description, schema.avro.doc] : [],
      records,
    ),
  );
  return [
    ...interfaces,
    `${docComment([
      title,
    ])}export const ${constant}: EventTypeDescriptor<${interfaceName}> = {`,
    `  type: ${stringLiteral(name)},`,
    `  version: ${version},`,
    '};\n',
  ].join('\n');
}

type RecordNames = Map<RecordModel, string>;

/** Each record of a schema once, the event itself first. */
function nameRecords(
  root: RecordModel,
  rootName: string,
  identifiers: Identifiers,
): RecordNames {
  const names: RecordNames = new Map([[root, rootName]]);
  const visit = (type: TypeModel) => {
    if (type.kind === 'array' || type.kind === 'map') {
      visit(type.values);
    } else if (type.kind === 'record') {
      if (!names.has(type)) {
        const ownName = pascalCase(type.name.split('.').at(-1) ?? type.name);
        names.set(type, identifiers.give(`${rootName}${ownName}`));
      } else if (type !== root) {
        return;
      }
      type.fields.forEach(field => visit(field.type));
    }
  };
  visit(root);
  return names;
}

function writeInterface(
  record: RecordModel,
  name: string,
  docs: readonly (string | undefined)[],
  names: RecordNames,
): string {
  const fields = record.fields.map(field => writeField(field, names));
  // Without fields an interface would take anything.
  const body = fields.length ? fields.join('') : '  [name: string]: never;\n';
  return `${docComment(docs)}export interface ${name} {\n${body}}\n`;
}

function writeField(field: FieldModel, names: RecordNames): string {
  const { jsonName, required, type, doc, semanticType } = field;
  const comment = docComment(
    [
      doc,
      NOTES[type.kind],
      semanticType === undefined ? undefined : `Semantic type: ${semanticType}`,
    ],
    '  ',
  );
  const property = propertyName(jsonName);
  const text = typeText(type, names);
  if (required) {
    return `${comment}  ${property}: ${text};\n`;
  }
  // An object without such a member still inherits one, which TypeScript sees.
  const inherited =
    jsonName in Object.prototype ? ` | Object[${stringLiteral(jsonName)}]` : '';
  return `${comment}  ${property}?: ${text} | null${inherited};\n`;
}

function typeText(type: TypeModel, names: RecordNames): string {
  switch (type.kind) {
    case 'enum':
      return type.symbols.map(stringLiteral).join(' | ');
    case 'array': {
      const values = valuesText(type, names);
      return values.includes('|') ? `(${values})[]` : `${values}[]`;
    }
    case 'map':
      return `{ [key: string]: ${valuesText(type, names)} }`;
    case 'record':
      return names.get(type) ?? 'never';
    default:
      return SCALARS[type.kind];
  }
}

function valuesText(
  type: Extract<TypeModel, { kind: 'array' | 'map' }>,
  names: RecordNames,
): string {
  const values = typeText(type.values, names);
  return type.valuesOptional ? `${values} | null` : values;
}
