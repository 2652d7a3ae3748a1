import {
  compileValidator,
  describeBreaks,
  type EntityHead,
  type EventSchema,
  findPersonalFields,
  judgePrivacy,
  judgeSchema,
  parseEventSchema,
  readEntityHead,
  SchemaError,
  sourcePointer,
  unknownSpecProperties,
} from '@millrace/schema';
import { schemaPointerOf } from './dataPointer';
import type { LintProblem } from './problems';
import {
  offsetOf,
  readYaml,
  type YamlDocument,
  YamlRefusedError,
} from './readYaml';

const API_VERSION = 'millrace.io/v1alpha1';
const KIND = 'EventType';
const SCHEMA_POINTER = '/spec/schema';
/** The most that the portal stores. */
const MAX_SCHEMA_BYTES = 1024 * 1024;

/** An event type as a file declares it, as far as it can be read. */
export interface Declaration {
  name: string;
  description?: string;
  schema?: EventSchema;
  file: string;
  line: number;
  column: number;
}

/** What one file declares, and what is wrong with it. */
export interface LintedText {
  declarations: Declaration[];
  problems: LintProblem[];
}

/**
 * Checks the declarations in a text of YAML by the rules of the portal; documents
 * of other kinds are passed over.
 *
 * @param earlier - the declarations in force, by name, where they are known: then
 * only what is new has to be decided, and the schema has to be compatible
 */
export function lintText(
  text: string,
  file: string,
  earlier?: ReadonlyMap<string, Declaration>,
): LintedText {
  let read: ReturnType<typeof readYaml>;
  try {
    read = readYaml(text);
  } catch (error) {
    if (error instanceof YamlRefusedError) {
      const { line, column } = placeIn(text, error.offset);
      return {
        declarations: [],
        problems: [
          {
            file,
            line,
            column,
            severity: 'error',
            code: 'yaml_refused',
            pointer: '',
            message: `The file was not read: ${error.message}`,
          },
        ],
      };
    }
    throw error;
  }
  const linted: LintedText = { declarations: [], problems: [] };
  for (const document of read.documents) {
    const at = (offset: number) => {
      const { line, col } = read.lines.linePos(offset);
      return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
    };
    lintDocument(document, at, linted, earlier);
  }
  return linted;
}

/** Where an offset is, in a text of which nothing is known. */
function placeIn(text: string, offset: number) {
  const before = text.slice(0, offset).split('\n');
  return {
    line: before.length,
    column: before[before.length - 1].length + 1,
  };
}

type Place = Pick<LintProblem, 'file' | 'line' | 'column'>;

function lintDocument(
  { document, value, faults }: YamlDocument,
  at: (offset: number) => Place,
  linted: LintedText,
  earlier: ReadonlyMap<string, Declaration> | undefined,
): void {
  const isOurs = isObject(value) && value.kind === KIND;
  const isBroken = faults.some(({ code }) => code === 'invalid_yaml');
  if (isBroken || isOurs) {
    linted.problems.push(
      ...faults.map(
        ({ code, message, offset }): LintProblem => ({
          ...at(offset),
          severity: 'error',
          code,
          pointer: '',
          message,
        }),
      ),
    );
  }
  if (!isOurs) {
    return;
  }
  const metadata = isObject(value.metadata) ? value.metadata : {};
  const eventType =
    typeof metadata.name === 'string' ? metadata.name : undefined;
  const report = (
    problem: Pick<
      LintProblem,
      'code' | 'pointer' | 'message' | 'suggestion'
    > & {
      severity?: LintProblem['severity'];
    },
    place = problem.pointer,
  ) => {
    const mark = problem.code === 'unknown_property' ? 'key' : 'value';
    linted.problems.push({
      ...at(offsetOf(document, place, mark)),
      severity: 'error',
      ...(eventType !== undefined && { eventType }),
      ...problem,
    });
  };

  if (value.apiVersion !== API_VERSION) {
    report({
      code: 'unsupported_api_version',
      pointer: '/apiVersion',
      message: `The apiVersion of an event type is ${API_VERSION}`,
    });
  }
  const head = readEntityHead(value);
  head.problems.forEach(problem => report(problem));
  unknownSpecProperties(value).forEach(problem =>
    report({ ...problem, severity: 'warning' }),
  );
  const source = isObject(value.spec) ? value.spec.schema : undefined;
  const schema = lintSchema(source, report);
  const before = head.value && earlier?.get(head.value.name);
  lintContent(head.value, schema, source, before, report);
  if (head.value) {
    linted.declarations.push({
      ...at(offsetOf(document, '/metadata/name')),
      name: head.value.name,
      description: head.value.description,
      schema,
    });
  }
}

type Report = (
  problem: Pick<LintProblem, 'code' | 'pointer' | 'message' | 'suggestion'> & {
    severity?: LintProblem['severity'];
  },
  place?: string,
) => void;

function lintSchema(source: unknown, report: Report): EventSchema | undefined {
  if (source === undefined || source === null) {
    report({
      code: 'missing_property',
      pointer: SCHEMA_POINTER,
      message: 'The schema is missing',
    });
    return undefined;
  }
  try {
    const schema = parseEventSchema(source);
    if (Buffer.byteLength(JSON.stringify(schema.avro)) > MAX_SCHEMA_BYTES) {
      throw new RangeError('too large');
    }
    // As a gateway will do with the first event.
    compileValidator(schema)({});
    return schema;
  } catch (error) {
    if (error instanceof SchemaError) {
      error.problems.forEach(problem =>
        report({ ...problem, pointer: `${SCHEMA_POINTER}${problem.pointer}` }),
      );
      return undefined;
    }
    if (error instanceof RangeError) {
      report({
        code: 'schema_too_complex',
        pointer: SCHEMA_POINTER,
        message:
          "The schema is too complex: split it into smaller records, or make large parts logical type 'json'",
      });
      return undefined;
    }
    throw error;
  }
}

/** What the declaration says, beside what is in force. */
function lintContent(
  head: EntityHead | undefined,
  schema: EventSchema | undefined,
  source: unknown,
  before: Declaration | undefined,
  report: Report,
): void {
  if (
    head &&
    head.description === undefined &&
    (!before || before.description !== undefined)
  ) {
    report({
      code: 'missing_property',
      pointer: '/metadata/description',
      message:
        'The description is missing: say when the event is sent, and what one event is',
    });
  }
  if (!schema) {
    return;
  }
  const pointerOf = (inRecord: string) =>
    `${SCHEMA_POINTER}${sourcePointer(source, inRecord)}`;
  judgePrivacy(schema, { before: before?.schema }).forEach(
    ({ code, pointer, message, suggestion }) =>
      report({
        code,
        pointer: pointerOf(pointer),
        message,
        ...(suggestion && { suggestion }),
      }),
  );
  const decided = before?.schema ? possibleOf(before.schema) : undefined;
  findPersonalFields(schema)
    .filter(
      ({ confidence, path }) =>
        confidence === 'possible' && !decided?.has(path),
    )
    .forEach(({ pointer, path, ...suggestion }) =>
      report({
        severity: 'warning',
        code: 'undecided_personal_field',
        pointer: pointerOf(pointer),
        message: `Field '${path}' may hold '${suggestion.semanticType}' of a person (${suggestion.reason}); give it a semanticType, 'none' if it does not`,
        suggestion,
      }),
    );
  if (before?.schema) {
    // A file does not say the mode; this is what every default mode promises.
    const verdict = judgeSchema({
      previous: [{ version: 1, schema: before.schema }],
      next: schema,
      mode: 'backward',
    });
    describeBreaks(verdict).forEach(problem =>
      report(
        problem,
        `${SCHEMA_POINTER}${schemaPointerOf(source, problem.pointer)}`,
      ),
    );
  }
}

function possibleOf(schema: EventSchema): Set<string> {
  return new Set(findPersonalFields(schema).map(({ path }) => path));
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
