import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  type DeclarationImportReview,
  type DeclarationProblem,
  type DeclarationTextProblem,
  type EventType,
  type SchemaVerdict,
  eventTypeCreatePermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import type { SchemaCompiler } from '../../compiling';
import {
  DeclarationConflictError,
  EventTypeNotFoundError,
  InvalidDeclarationError,
  NotOwnerError,
  problem,
} from '../../errors';
import type { EventTypeEvolver } from '../../evolution';
import type {
  AuthorizedEventTypeRegistry,
  ParsedDeclaration,
  RegistryOptions,
  WriteOutcome,
} from '../../registry';
import type { DeclarationReviewer } from '../../review';
import type { ReadRegistration } from '../../service/request';
import { readDeclaration } from '../parseDeclaration';
import type { DeclarationReader } from './DeclarationReader';
import { diffParts } from './diffParts';
import { lineIn } from './readDeclarationText';

/** A text that somebody who may take it in has sent, as far as it can be read. */
export interface OpenedDeclaration {
  /** Missing when the text is no declaration at all. */
  read?: ReadRegistration;
  name?: string;
  problems: DeclarationTextProblem[];
  hints: DeclarationTextProblem[];
  /** A problem with its place in the text. */
  locate: (found: DeclarationProblem) => DeclarationTextProblem;
}

/** The parts of a registration, in the words of the portal's requests. */
const PLACES: { readonly [pointer: string]: string } = {
  '/name': '/metadata/name',
  '/description': '/metadata/description',
  '/tags': '/metadata/tags',
  '/owner': '/spec/owner',
  '/tier': '/spec/tier',
  '/system': '/spec/system',
  '/retention': '/spec/retention',
  '/expectedEventsPerDay': '/spec/expectedEventsPerDay',
};

/**
 * Takes declarations as code into the hands of the portal, and says beforehand
 * what that would do. What it declares belongs to the portal afterwards; a
 * repository that wants to own it has the catalog read its file.
 *
 * It writes by the registry, so that all which holds for a registration holds
 * here: who may, what is refused, and that a refused one changes nothing.
 */
export class DeclarationImporter {
  readonly #options: {
    compiler: SchemaCompiler;
    evolver: EventTypeEvolver;
    permissions: PermissionsService;
    reader: DeclarationReader;
    registry: AuthorizedEventTypeRegistry;
    retentionClasses: readonly string[];
    reviewer: DeclarationReviewer;
  };

  /** The evolver must be the authorized one. */
  constructor(options: {
    compiler: SchemaCompiler;
    evolver: EventTypeEvolver;
    permissions: PermissionsService;
    reader: DeclarationReader;
    registry: AuthorizedEventTypeRegistry;
    retentionClasses: readonly string[];
    reviewer: DeclarationReviewer;
  }) {
    this.#options = options;
  }

  /**
   * Reads a text for somebody who may register event types, or change the one of
   * the name. Nobody else gets that far: reading costs time.
   *
   * @param request - `name`: the event type that the text has to declare
   * @throws NotAllowedError, EventTypeNotFoundError, ServiceUnavailableError
   */
  async open(
    request: { text: string; name?: string },
    options: RegistryOptions,
  ): Promise<OpenedDeclaration> {
    const { compiler, reader, retentionClasses } = this.#options;
    const { text, name } = request;
    await this.#requireAllowed(name, options);

    const { entity, problems, hints, lines } = await reader.read(text);
    const locate = (found: DeclarationProblem): DeclarationTextProblem => {
      const pointer = PLACES[found.pointer] ?? found.pointer;
      const line = lineIn(lines, pointer);
      return { ...found, pointer, ...(line !== undefined && { line }) };
    };
    if (!entity) {
      return { problems, hints, locate };
    }
    const read = await readDeclaration(entity, compiler, { retentionClasses });
    const mismatch =
      name !== undefined && read.name !== undefined && read.name !== name
        ? [
            problem(
              'name_mismatch',
              '/metadata/name',
              `An event type keeps its name: this is '${name}', the declaration is of '${read.name}'`,
            ),
          ]
        : [];
    return {
      read,
      name: read.name,
      problems: [...problems, ...mismatch].map(locate),
      hints: hints.map(locate),
      locate,
    };
  }

  /** Says what taking it in would do, and writes nothing. */
  async check(
    opened: OpenedDeclaration,
    options: RegistryOptions,
  ): Promise<DeclarationImportReview> {
    const { read, name, problems, hints, locate } = opened;
    if (!read || problems.length) {
      return {
        ...(name !== undefined && { name }),
        isReady: false,
        action: 'refused',
        isTakeOver: false,
        problems: [...problems, ...(read?.problems ?? []).map(locate)],
        hints,
        parts: [],
        differences: [],
        fields: [],
      };
    }
    const { registry, reviewer } = this.#options;
    const review = await reviewer.review(read, options);
    const existing =
      name === undefined
        ? undefined
        : await findReadable(registry, name, options);
    const verdict = existing && (await this.#judge(existing, read, options));
    const inTheWay = [
      ...review.problems.filter(found => !isAboutEvents(found)),
      ...problemsOfVerdict(verdict),
    ].map(locate);
    const parts =
      existing && read.declaration ? diffParts(existing, read.declaration) : [];
    const version = review.resources?.version;
    const isTakeOver =
      existing?.origin === 'catalog' && existing.orphanedAt !== undefined;
    return {
      ...(name !== undefined && { name }),
      isReady: inTheWay.length === 0 && read.declaration !== undefined,
      action: actionOf({
        isRefused: inTheWay.length > 0 || !read.declaration,
        existing,
        version,
        isSame: parts.length === 0,
      }),
      isTakeOver,
      problems: inTheWay,
      hints: [...hints, ...review.hints.map(locate)],
      parts,
      differences: verdict?.differences ?? [],
      fields: review.fields,
      ...(version !== undefined && { version }),
      ...(existing && { generation: existing.generation }),
    };
  }

  /**
   * Registers what it declares.
   *
   * @throws InvalidDeclarationError, DeclarationConflictError, NotOwnerError with
   * the lines of what is wrong; NotAllowedError
   */
  async create(
    opened: OpenedDeclaration,
    options: RegistryOptions,
  ): Promise<EventType> {
    const declaration = declarationOf(opened);
    return await located(opened, () =>
      this.#options.registry.create({ declaration }, options),
    );
  }

  /**
   * Brings its event type to it.
   *
   * @param request - `ifGeneration` refuses it when the event type is not at that
   * generation any more: somebody changed it since it was checked
   * @throws as {@link create}, and EventTypeNotFoundError
   */
  async update(
    opened: OpenedDeclaration,
    request: { ifGeneration?: number },
    options: RegistryOptions,
  ): Promise<{ eventType: EventType; outcome: WriteOutcome }> {
    const declaration = declarationOf(opened);
    return await located(opened, () =>
      this.#options.registry.update({ declaration, ...request }, options),
    );
  }

  async #requireAllowed(
    name: string | undefined,
    options: RegistryOptions,
  ): Promise<void> {
    const { permissions, registry } = this.#options;
    if (name !== undefined) {
      await registry.requireAllowed(
        { name, permission: eventTypeUpdatePermission },
        options,
      );
      return;
    }
    const [decision] = await permissions.authorize(
      [{ permission: eventTypeCreatePermission }],
      options,
    );
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError('You may not register event types');
    }
  }

  async #judge(
    existing: EventType,
    { schema }: ReadRegistration,
    options: RegistryOptions,
  ): Promise<SchemaVerdict | undefined> {
    const { name } = existing;
    return (
      schema &&
      (await this.#options.evolver.judge(
        { name, read: async () => ({ schema, problems: [] }) },
        options,
      ))
    );
  }
}

/** The event type of the name, if the caller may know of it. */
async function findReadable(
  registry: AuthorizedEventTypeRegistry,
  name: string,
  options: RegistryOptions,
): Promise<EventType | undefined> {
  try {
    return await registry.get({ name }, options);
  } catch (error) {
    if (
      error instanceof EventTypeNotFoundError ||
      error instanceof NotAllowedError
    ) {
      return undefined;
    }
    throw error;
  }
}

/**
 * A review compares with the newest version alone, whatever the mode of the
 * event type; the verdict of the mode takes the place of that.
 */
function isAboutEvents({ pointer }: DeclarationProblem): boolean {
  return pointer === '/data' || pointer.startsWith('/data/');
}

function problemsOfVerdict(
  verdict: SchemaVerdict | undefined,
): DeclarationProblem[] {
  return [
    // What is undecided about persons the review has said already.
    ...(verdict?.problems ?? []).filter(
      ({ code }) =>
        code !== 'undecided_personal_field' && code !== 'unknown_semantic_type',
    ),
    ...(verdict?.differences ?? [])
      .filter(({ isBreaking }) => isBreaking)
      .map(({ code, pointer, message, advice }) => ({
        code,
        pointer,
        message: advice ? `${message}. ${advice}` : message,
      })),
  ];
}

function actionOf(found: {
  isRefused: boolean;
  existing: EventType | undefined;
  version: number | undefined;
  isSame: boolean;
}): DeclarationImportReview['action'] {
  const { isRefused, existing, version, isSame } = found;
  if (isRefused) {
    return 'refused';
  }
  if (!existing) {
    return 'create';
  }
  if (version !== undefined && version > existing.version) {
    return 'new-version';
  }
  return isSame ? 'unchanged' : 'update';
}

/** @throws InvalidDeclarationError with every problem of the text */
function declarationOf(opened: OpenedDeclaration): ParsedDeclaration {
  const { read, problems, locate } = opened;
  const all = [...problems, ...(read?.problems ?? []).map(locate)];
  if (all.length || !read?.declaration) {
    throw new InvalidDeclarationError(all);
  }
  return read.declaration;
}

/** Tells where in the text it is wrong, whoever finds it. */
async function located<T>(
  { locate }: OpenedDeclaration,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof InvalidDeclarationError) {
      throw new InvalidDeclarationError(error.problems.map(locate));
    }
    if (error instanceof DeclarationConflictError) {
      throw new DeclarationConflictError(error.problems.map(locate));
    }
    if (error instanceof NotOwnerError) {
      throw new NotOwnerError(error.problems.map(locate));
    }
    throw error;
  }
}
