import type { JsonObject, JsonValue } from '@backstage/types';
import {
  type DeclarationTextProblem,
  KIND_EVENT_TYPE,
  MILLRACE_API_VERSION,
} from '@millrace/plugin-event-types-common';
import { unknownSpecProperties } from '@millrace/schema';
import { type YamlLimits, readYaml } from '../../contracts/reading/readYaml';
import { problem } from '../../errors';

/** As `millrace lint` reads files; a schema may have 1 MiB. */
export const MAX_DECLARATION_BYTES = 2 * 1024 * 1024;

const LIMITS: YamlLimits = {
  what: 'A declaration',
  maxBytes: MAX_DECLARATION_BYTES,
  // A schema nests 32 levels, each a few of YAML.
  maxDepth: 300,
  maxValues: 200_000,
};

/** A text as the document of kind EventType it holds. Plain data. */
export interface DeclarationText {
  /** Missing when the text is no such document. */
  entity?: JsonObject;
  problems: DeclarationTextProblem[];
  /** What is worth a look and in nobody's way. */
  hints: DeclarationTextProblem[];
  /** The line of each key and item, by pointer. */
  lines: Map<string, number>;
}

/**
 * Reads the one document of kind EventType in a text of YAML or JSON, without
 * judging what it declares. What is wrong is told with its line.
 */
export function readDeclarationText(text: string): DeclarationText {
  const { value, findings, lines } = readYaml(text, LIMITS);
  const refuse = (problems: DeclarationTextProblem[]): DeclarationText => ({
    problems,
    hints: [],
    lines: new Map(),
  });
  if (value === undefined) {
    return refuse(
      findings.map(({ code, pointer, line, message }) => ({
        code,
        pointer,
        message: message.startsWith('There is more than one document')
          ? 'There is more than one document; take them in one at a time'
          : message,
        ...(line !== undefined && { line }),
      })),
    );
  }
  if (!isObject(value) || value.kind !== KIND_EVENT_TYPE) {
    return refuse([
      {
        ...problem(
          'wrong_kind',
          '/kind',
          `This is no declaration of an event type: it begins with apiVersion ${MILLRACE_API_VERSION} and kind ${KIND_EVENT_TYPE}`,
        ),
        line: lines().get('/kind') ?? 1,
      },
    ]);
  }
  const at = lines();
  return {
    entity: value,
    problems:
      value.apiVersion === MILLRACE_API_VERSION
        ? []
        : [
            problem(
              'unsupported_api_version',
              '/apiVersion',
              `The apiVersion of an event type is ${MILLRACE_API_VERSION}`,
            ),
          ],
    hints: unknownSpecProperties(value),
    lines: at,
  };
}

/** The line of a place, or of what would hold it. */
export function lineIn(
  lines: ReadonlyMap<string, number>,
  pointer: string,
): number | undefined {
  let at = pointer;
  while (at !== '') {
    const line = lines.get(at);
    if (line !== undefined) {
      return line;
    }
    at = at.slice(0, at.lastIndexOf('/'));
  }
  return undefined;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
