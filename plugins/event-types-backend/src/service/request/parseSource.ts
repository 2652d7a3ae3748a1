import { type EventSchema, sourcePointer } from '@millrace/schema';
import type { SchemaCompiler } from '../../compiling';
import { problem } from '../../errors';
import { type Parsed, parseAvroSchema, parseSchema } from '../../registry';
import { parseSimpleFields } from './simpleFields';

/** Where a schema may come from. */
export type SchemaSourceName = 'schema' | 'fields' | 'samples' | 'jsonSchema';

/** More samples than this teach nothing new and cost time. */
const MAX_SAMPLES = 1000;

/** A schema, and how to find a place of it in what was sent. */
export interface ParsedSource extends Parsed<EventSchema> {
  /** Where the schema is in the body. */
  pointer: string;
  /** From a pointer into the Avro record to one into the body. */
  locate: (pointer: string) => string;
  samples?: readonly unknown[];
  /** Whether the source speaks of types alone, and not of what fields hold. */
  isBare?: boolean;
}

/** What cannot say what a field holds about a person. */
const BARE_SOURCES: readonly SchemaSourceName[] = ['samples', 'jsonSchema'];

/**
 * The schema of a body that gives it in one of several ways. `samples` may come
 * along with another source: they are then not what the schema is made of, but
 * what it is judged by.
 *
 * @throws SchemaCompilerBusyError
 */
export async function parseSource(
  body: { [key in SchemaSourceName]?: unknown },
  name: string | undefined,
  sources: readonly SchemaSourceName[],
  compiler: SchemaCompiler,
): Promise<ParsedSource> {
  const given = sources.filter(source => body[source] !== undefined);
  const makers = given.filter(
    source => source !== 'samples' || given.length === 1,
  );
  const samples = isSampleList(body.samples) ? body.samples : undefined;
  const noSamples =
    body.samples === undefined || samples
      ? []
      : [
          problem(
            'invalid_value',
            '/samples',
            `Samples must be a list of 1 to ${MAX_SAMPLES} events`,
          ),
        ];
  if (makers.length !== 1) {
    return {
      pointer: '/schema',
      locate: pointer => `/schema${pointer}`,
      problems: [
        problem(
          'schema_source',
          sources.length === 2 ? '/schema' : '',
          sources.length === 2
            ? 'Give the schema either as an Avro record in `schema` or as a list in `fields`'
            : `Give exactly one of ${sources.join(', ')}`,
        ),
        ...noSamples,
      ],
    };
  }
  const parsed = noSamples.length
    ? { problems: noSamples, pointer: '/samples' }
    : await parseOne(makers[0], body, name ?? 'unnamed', compiler);
  const { pointer } = parsed;
  return {
    ...parsed,
    samples,
    isBare: BARE_SOURCES.includes(makers[0]),
    locate: inRecord => {
      switch (makers[0]) {
        case 'schema':
          return `${pointer}${sourcePointer(body.schema, inRecord)}`;
        case 'fields':
          // Field N of the list becomes field N of the record.
          return inRecord;
        default:
          // Neither samples nor a JSON Schema have the places of the record.
          return pointer;
      }
    },
  };
}

async function parseOne(
  source: SchemaSourceName,
  body: { [key in SchemaSourceName]?: unknown },
  name: string,
  compiler: SchemaCompiler,
): Promise<Parsed<EventSchema> & { pointer: string }> {
  switch (source) {
    case 'samples': {
      const samples = body.samples as unknown[];
      const made = { kind: 'samples' as const, name, samples };
      return {
        ...(await parseSchema(made, '/samples', compiler)),
        pointer: '/samples',
      };
    }
    case 'fields': {
      const { value, problems } = parseSimpleFields(body.fields, '/fields');
      return {
        ...(value
          ? await parseSchema(
              { kind: 'fields', name, fields: value },
              '',
              compiler,
            )
          : { problems }),
        pointer: '',
      };
    }
    case 'jsonSchema':
      return {
        ...(await parseSchema(
          { kind: 'jsonSchema', name, document: body.jsonSchema },
          '/jsonSchema',
          compiler,
        )),
        pointer: '/jsonSchema',
      };
    default:
      return {
        ...(await parseAvroSchema(body.schema, '/schema', compiler)),
        pointer: '/schema',
      };
  }
}

function isSampleList(value: unknown): value is unknown[] {
  return (
    Array.isArray(value) && value.length > 0 && value.length <= MAX_SAMPLES
  );
}
