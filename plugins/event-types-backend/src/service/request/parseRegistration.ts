import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import {
  type EventSchema,
  detailsOf,
  judgePrivacy,
  ruleEventsPerDay,
  ruleRetention,
  ruleSystem,
  ruleTags,
} from '@millrace/schema';
import type { SchemaCompiler } from '../../compiling';
import {
  missingDescription,
  toProblem,
} from '../../declarations/judgeDeclaration';
import { InvalidDeclarationError, problem } from '../../errors';
import type { ParsedDeclaration } from '../../registry';
import {
  parseDescription,
  parseName,
  parseOwner,
  parseTier,
} from '../../registry';
import { parseBody } from './parseBody';
import { type SchemaSourceName, parseSource } from './parseSource';

const PROPERTIES = [
  'name',
  'description',
  'owner',
  'tier',
  'retention',
  'expectedEventsPerDay',
  'tags',
  'system',
] as const;

/** How a registration is read. */
export interface RegistrationOptions {
  compiler: SchemaCompiler;
  /** The ids of the retention classes there are. */
  retentionClasses: readonly string[];
  /**
   * The event type the path names; the body may then leave the name out, and
   * must not give another.
   */
  pathName?: string;
}

/** A registration read as far as it can be. */
export interface ReadRegistration {
  /** There unless one of its parts is not. */
  declaration?: ParsedDeclaration;
  name?: string;
  owner?: string;
  schema?: EventSchema;
  problems: DeclarationProblem[];
  /** A problem of the schema, with a pointer into what was sent. */
  locate: (pointer: string) => string;
  samples?: readonly unknown[];
}

/**
 * The body of the registration of a new event type. It is judged as a whole, so
 * that everything there is to correct is told at once.
 *
 * @throws InvalidDeclarationError with every problem found
 * @throws SchemaCompilerBusyError
 */
export async function parseRegistration(
  input: unknown,
  options: RegistrationOptions,
): Promise<ParsedDeclaration> {
  const read = await readRegistration(input, options, ['schema', 'fields']);
  const problems = [...read.problems, ...problemsOfNew(read)];
  if (problems.length || !read.declaration) {
    throw new InvalidDeclarationError(problems);
  }
  return read.declaration;
}

/**
 * The body of a change. What of it is new is judged beside what is in force, when
 * it is written.
 *
 * @throws InvalidDeclarationError with every problem found
 * @throws SchemaCompilerBusyError
 */
export async function parseChange(
  input: unknown,
  options: RegistrationOptions & { pathName: string },
): Promise<ParsedDeclaration> {
  const read = await readRegistration(input, options, ['schema', 'fields']);
  if (read.problems.length || !read.declaration) {
    throw new InvalidDeclarationError(read.problems);
  }
  return read.declaration;
}

/** What a new event type has to say and to decide. */
function problemsOfNew(read: ReadRegistration): DeclarationProblem[] {
  const isMute =
    read.declaration?.description === undefined &&
    !read.problems.some(({ pointer }) => pointer === '/description');
  const undecided = read.schema ? judgePrivacy(read.schema) : [];
  return [
    ...(isMute && read.declaration ? [missingDescription('/description')] : []),
    ...undecided.map(found => ({
      ...toProblem(found, ''),
      pointer: read.locate(found.pointer),
    })),
  ];
}

/**
 * Reads a registration without refusing it.
 *
 * @param sources - where the schema may come from
 * @throws InvalidDeclarationError only when the body is no JSON object
 * @throws SchemaCompilerBusyError
 */
export async function readRegistration(
  input: unknown,
  options: RegistrationOptions,
  sources: readonly SchemaSourceName[],
): Promise<ReadRegistration> {
  const { body, problems: shapeProblems } = parseBody(input, [
    ...PROPERTIES,
    ...sources,
  ]);
  const { pathName, compiler, retentionClasses } = options;

  const name = parseName(body.name ?? pathName, '/name');
  const owner = parseOwner(body.owner, '/owner');
  const tier = parseTier(body.tier, '/tier');
  const description = parseDescription(body.description, '/description');
  const retention = ruleRetention(
    body.retention,
    '/retention',
    retentionClasses,
  );
  const eventsPerDay = ruleEventsPerDay(
    body.expectedEventsPerDay,
    '/expectedEventsPerDay',
  );
  const tags = ruleTags(body.tags, '/tags');
  const system = ruleSystem(body.system, '/system');
  const source = await parseSource(body, name.value, sources, compiler);

  const problems: DeclarationProblem[] = [
    ...shapeProblems,
    ...[
      name,
      owner,
      tier,
      description,
      retention,
      eventsPerDay,
      tags,
      system,
      source,
    ].flatMap(part => part.problems),
  ];
  if (
    pathName !== undefined &&
    name.value !== undefined &&
    name.value !== pathName
  ) {
    problems.push(
      problem(
        'name_mismatch',
        '/name',
        `An event type keeps its name: the path says '${pathName}', the body '${name.value}'`,
      ),
    );
  }
  const isComplete =
    name.value !== undefined &&
    owner.value !== undefined &&
    tier.value !== undefined &&
    source.value !== undefined;
  return {
    name: name.value,
    owner: owner.value,
    schema: source.value,
    samples: source.samples,
    locate: source.locate,
    problems,
    ...(isComplete && {
      declaration: {
        name: name.value!,
        description: description.value,
        owner: owner.value!,
        tier: tier.value!,
        schema: source.value!,
        details: detailsOf({
          retention: retention.value,
          expectedEventsPerDay: eventsPerDay.value,
          tags: tags.value,
          system: system.value,
        }),
        pointers: {
          name: '/name',
          description: '/description',
          schema: source.pointer,
        },
      },
    }),
  };
}
