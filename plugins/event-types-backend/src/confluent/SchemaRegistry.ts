import { isDeepStrictEqual } from 'node:util';
import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import {
  type CompatibilityMode,
  type EventType,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import {
  DEFAULT_COMPATIBILITY_MODE,
  type EventSchema,
  type JudgedDifference,
  SchemaError,
  isLoosening,
  judgeSchema,
  parseEventSchema,
} from '@millrace/schema';
import type { SchemaCompiler, SchemaSource } from '../compiling';
import type { EventTypeEvolver } from '../evolution';
import {
  DeclarationConflictError,
  EventTypeNotFoundError,
  InvalidDeclarationError,
  problem,
} from '../errors';
import {
  type AuthorizedEventTypeRegistry,
  type ParsedDeclaration,
  parseOwner,
  parseTier,
} from '../registry';
import { actorOf } from '../registry/actorOf';
import type { NumberedSchema, SchemaNumbers } from './SchemaNumbers';
import type { NewSubjectRule } from './config';
import { levelOf } from './compatibility';
import { ProtocolError } from './errors';
import type { SchemaBody, SubjectMetadata } from './parseSchemaBody';
import { type SchemaText, avroDigest, jsonSchemaDigest } from './schemaText';
import { eventTypeOfSubject } from './subjects';

/** How often a registration is tried that loses a race. */
const MAX_ATTEMPTS = 4;

/** Which version of a subject is meant. */
export type VersionSelector = number | 'latest';

/** On whose behalf the protocol asks. */
export interface Caller {
  credentials: BackstageCredentials;
}

/**
 * Wraps a change, so that it is in the audit log whether it was done or not.
 */
export type RecordChange = <T>(
  change: {
    actionType: 'create' | 'update';
    eventType: string;
    aspect?: string;
  },
  run: () => Promise<{ result: T; meta: JsonObject }>,
) => Promise<T>;

/**
 * The registry of event types, as the schema registry protocol sees it.
 *
 * Guarantees: it knows nothing that the registry of event types does not know,
 * but for the numbers; whatever it changes goes through that registry, with its
 * permissions and its compatibility; a subject one may not read looks like one
 * that is not there; registering what is registered changes nothing, needs no
 * more than the permission to read, and gives the same number.
 */
export class SchemaRegistry {
  readonly #options: {
    auth: AuthService;
    compiler: SchemaCompiler;
    evolver: EventTypeEvolver;
    newSubjects: NewSubjectRule[];
    numbers: SchemaNumbers;
    registry: AuthorizedEventTypeRegistry;
  };

  /** The evolver must be the authorized one. */
  constructor(options: {
    auth: AuthService;
    compiler: SchemaCompiler;
    evolver: EventTypeEvolver;
    newSubjects: NewSubjectRule[];
    numbers: SchemaNumbers;
    registry: AuthorizedEventTypeRegistry;
  }) {
    this.#options = options;
  }

  /** Names of the event types the caller may read, sorted. */
  async listEventTypes(caller: Caller): Promise<string[]> {
    const items = await this.#options.registry.listItems({}, caller);
    return items.map(({ name }) => name);
  }

  /**
   * The event type of a subject.
   *
   * @throws ProtocolError `subjectNotFound`, also when it may not be read
   */
  async eventType(subject: string, caller: Caller): Promise<EventType> {
    const found = await this.#find(eventTypeOfSubject(subject), caller);
    if (!found) {
      throw subjectNotFound(subject);
    }
    return found;
  }

  /** @throws ProtocolError `subjectNotFound` or `versionNotFound` */
  async version(
    subject: string,
    selector: VersionSelector,
    caller: Caller,
  ): Promise<{ schema: NumberedSchema; version: number }> {
    const eventType = await this.eventType(subject, caller);
    const version = selector === 'latest' ? eventType.version : selector;
    const schema = await this.#options.numbers.ofVersion(
      eventType.name,
      version,
    );
    if (!schema) {
      throw versionNotFound(subject, version, eventType);
    }
    return { schema, version };
  }

  /**
   * A schema by its number or GUID, and the versions it belongs to.
   *
   * @throws ProtocolError `schemaNotFound`, also when it may not be read, or
   * does not belong to the subject that is asked for
   */
  async schema(
    by: { id: number } | { guid: string },
    caller: Caller,
    inSubject?: string,
  ): Promise<{ schema: NumberedSchema; versions: number[] }> {
    const { numbers } = this.#options;
    const schema =
      'id' in by ? await numbers.byId(by.id) : await numbers.byGuid(by.guid);
    const isWanted =
      schema &&
      (!inSubject || eventTypeOfSubject(inSubject) === schema.eventType) &&
      (await this.#find(schema.eventType, caller));
    if (!schema || !isWanted) {
      throw new ProtocolError(
        'schemaNotFound',
        `Schema ${'id' in by ? by.id : by.guid} not found`,
      );
    }
    return { schema, versions: await numbers.versionsOf(schema) };
  }

  /**
   * The number of a schema that is registered already.
   *
   * @throws ProtocolError `subjectNotFound`, `schemaNotFound`, `invalidSchema`
   */
  async lookUp(
    subject: string,
    { text }: SchemaBody,
    caller: Caller,
  ): Promise<NumberedSchema> {
    const eventType = await this.eventType(subject, caller);
    const schema = await this.#options.numbers.byDigest(
      eventType.name,
      digestOf(text),
    );
    if (!schema) {
      throw new ProtocolError(
        'schemaNotFound',
        `Schema not found: subject '${subject}' has no version with this schema`,
      );
    }
    return schema;
  }

  /**
   * Registers a schema: as a new event type, as its next version, or, when it
   * says in other words what a version says, under a number beside that one.
   *
   * Instances of a program start at the same time and register the same schema:
   * who loses the race looks again and finds what the winner registered.
   *
   * A crash after the registry has committed leaves a version without the
   * client's text; see {@link SchemaNumbers}.
   *
   * @throws ProtocolError, or an error of the registry
   */
  async register(
    subject: string,
    body: SchemaBody,
    caller: Caller,
    recordChange: RecordChange,
  ): Promise<NumberedSchema> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#registerOnce(subject, body, caller, recordChange);
      } catch (error) {
        const isOver =
          attempt === MAX_ATTEMPTS ||
          !(await this.#isLostRace(error, subject, caller));
        if (isOver) {
          throw error;
        }
      }
    }
  }

  async #registerOnce(
    subject: string,
    body: SchemaBody,
    caller: Caller,
    recordChange: RecordChange,
  ): Promise<NumberedSchema> {
    const { numbers } = this.#options;
    const name = eventTypeOfSubject(subject);
    const { text, metadata } = body;
    const digest = digestOf(text);

    const current = await this.#find(name, caller);
    if (current) {
      assertSameMetadata(current, metadata);
      const known = await numbers.byDigest(name, digest);
      if (known) {
        return known;
      }
    }
    return await recordChange(
      { actionType: current ? 'update' : 'create', eventType: name },
      async () => {
        const schema = await this.#compile(name, text);
        const { version, outcome } = current
          ? await this.#follow(current, schema, caller)
          : await this.#create(name, schema, metadata, caller);
        const result = await numbers.add({
          eventType: name,
          version,
          kind: text.kind,
          content: text.content,
          digest,
          by: actorOf(this.#options.auth, caller.credentials),
        });
        return {
          result,
          meta: { outcome, version, schemaId: result.id, via: 'registry' },
        };
      },
    );
  }

  /**
   * What keeps a schema from following a version, or all of them, in the mode
   * of the event type.
   *
   * @throws ProtocolError `subjectNotFound`, `versionNotFound`, or an error of
   * reading the schema
   */
  async objections(
    subject: string,
    selector: VersionSelector | 'all',
    { text }: SchemaBody,
    caller: Caller,
  ): Promise<JudgedDifference[]> {
    const eventType = await this.eventType(subject, caller);
    const { name } = eventType;
    const versions = await this.#options.registry.listVersions(
      { name },
      caller,
    );
    const only = selector === 'latest' ? eventType.version : selector;
    const wanted =
      only === 'all'
        ? versions
        : versions.filter(({ version }) => version === only);
    if (!wanted.length) {
      throw versionNotFound(subject, only, eventType);
    }
    const { differences } = judgeSchema({
      previous: wanted.map(({ version, schema }) => ({
        version,
        schema: parseEventSchema(schema),
      })),
      next: await this.#compile(name, text),
      mode: modeIn(eventType),
    });
    return differences.filter(({ isBreaking }) => isBreaking);
  }

  /** Without an event type: what would be in force for a new one. */
  async mode(
    subject: string | undefined,
    caller: Caller,
  ): Promise<CompatibilityMode> {
    const eventType =
      subject === undefined
        ? undefined
        : await this.#find(eventTypeOfSubject(subject), caller);
    return modeIn(eventType);
  }

  /**
   * Makes the mode of an event type stricter. To loosen it is nothing that a
   * client does in passing, whoever it acts for.
   *
   * @throws ProtocolError `notPermitted` when it would give up anything that
   * was promised, or an error of the registry
   */
  async tighten(
    subject: string,
    mode: CompatibilityMode,
    caller: Caller,
    recordChange: RecordChange,
  ): Promise<CompatibilityMode> {
    const current = await this.eventType(subject, caller);
    const inForce = modeIn(current);
    if (mode === inForce) {
      return inForce;
    }
    return await recordChange(
      {
        actionType: 'update',
        eventType: current.name,
        aspect: 'compatibility',
      },
      async () => {
        if (isLoosening(inForce, mode)) {
          throw new ProtocolError(
            'notPermitted',
            `${levelOf(
              inForce,
            )} is in force for subject '${subject}', and ${levelOf(
              mode,
            )} gives up what it promises to producers and readers. A client does not do that; ask its owner, ${
              current.owner
            }`,
          );
        }
        const changed = await this.#options.evolver.setMode(
          { name: current.name, mode, ifGeneration: current.generation },
          caller,
        );
        const result = modeIn(changed);
        return { result, meta: { mode: result, via: 'registry' } };
      },
    );
  }

  /**
   * Whether somebody else was first, at making the event type or its next
   * version; not when the name is taken by one that the caller may not see.
   */
  async #isLostRace(
    error: unknown,
    subject: string,
    caller: Caller,
  ): Promise<boolean> {
    const codes = new Set(
      error instanceof DeclarationConflictError
        ? error.problems.map(({ code }) => code)
        : [],
    );
    return (
      codes.has('changed_meanwhile') ||
      (codes.has('name_taken') &&
        (await this.#find(eventTypeOfSubject(subject), caller)) !== undefined)
    );
  }

  async #find(name: string, caller: Caller): Promise<EventType | undefined> {
    try {
      return await this.#options.registry.get({ name }, caller);
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

  /** The schema is hostile until the compiler has let it through. */
  async #compile(name: string, text: SchemaText): Promise<EventSchema> {
    const source: SchemaSource =
      text.kind === 'AVRO'
        ? { kind: 'avro', schema: text.document }
        : { kind: 'jsonSchema', name, document: text.document };
    const { value, problems } = await this.#options.compiler.compile(source);
    if (!value) {
      throw new InvalidDeclarationError(problems);
    }
    return value;
  }

  /** Makes the next version of an event type, unless it has the schema. */
  async #follow(
    current: EventType,
    schema: EventSchema,
    caller: Caller,
  ): Promise<{ version: number; outcome: string }> {
    const { registry } = this.#options;
    const { name } = current;
    const versions = await registry.listVersions({ name }, caller);
    const stored = JSON.parse(JSON.stringify(schema.avro));
    const same = versions.findLast(each =>
      isDeepStrictEqual(each.schema, stored),
    );
    if (same) {
      // Nothing of the event type changes, but a number is given for good.
      await registry.requireAllowed(
        { name, permission: eventTypeUpdatePermission },
        caller,
      );
      return { version: same.version, outcome: 'unchanged' };
    }
    if (current.origin === 'catalog') {
      // Also when the declaration is gone from there: what becomes of the event
      // type then is not for a program to decide.
      throw new ProtocolError(
        'notPermitted',
        `Event type '${name}' is declared in ${
          current.location ?? 'the catalog'
        }; change it there`,
      );
    }
    const { eventType, outcome } = await registry.update(
      {
        declaration: declarationOf(current, schema),
        ifGeneration: current.generation,
      },
      caller,
    );
    return { version: eventType.version, outcome };
  }

  async #create(
    name: string,
    schema: EventSchema,
    metadata: SubjectMetadata,
    caller: Caller,
  ): Promise<{ version: number; outcome: string }> {
    const rule = this.#options.newSubjects.find(({ prefix }) =>
      name.startsWith(prefix),
    );
    const ownerText = metadata.owner ?? rule?.owner;
    if (ownerText === undefined) {
      throw new ProtocolError(
        'notPermitted',
        `Event type '${name}' is new and needs an owner. Register it in the portal first, send the metadata property 'millrace.owner' with the schema, or ask the platform team to set eventTypes.schemaRegistry.newSubjects`,
      );
    }
    const owner = parseOwner(ownerText, '/metadata/properties/millrace.owner');
    const tier = parseTier(
      metadata.tier ?? rule?.tier ?? 'normal',
      '/metadata/properties/millrace.tier',
    );
    const problems = [...owner.problems, ...tier.problems];
    if (owner.value === undefined || tier.value === undefined) {
      throw new InvalidDeclarationError(problems);
    }
    const description = metadata.description || schema.avro.doc?.trim();
    if (!description) {
      throw new ProtocolError(
        'notPermitted',
        `Event type '${name}' is new and needs a description: say what happened in the 'doc' of the record (of a JSON Schema: 'description'), or send the metadata property 'millrace.description'`,
      );
    }
    if (description.includes('\0')) {
      throw new InvalidDeclarationError([
        problem(
          'invalid_value',
          '/doc',
          'The description must not contain NUL',
        ),
      ]);
    }
    const { version } = await this.#options.registry.create(
      {
        declaration: {
          name,
          description,
          owner: owner.value,
          tier: tier.value,
          schema,
        },
      },
      caller,
    );
    return { version, outcome: 'created' };
  }
}

function subjectNotFound(subject: string): ProtocolError {
  return new ProtocolError(
    'subjectNotFound',
    `Subject '${subject}' not found, or you may not read it`,
  );
}

function versionNotFound(
  subject: string,
  version: number | string,
  eventType: EventType,
): ProtocolError {
  return new ProtocolError(
    'versionNotFound',
    `Version ${version} not found: subject '${subject}' has versions 1 to ${eventType.version}`,
  );
}

function modeIn(eventType: EventType | undefined): CompatibilityMode {
  return eventType?.compatibility ?? DEFAULT_COMPATIBILITY_MODE;
}

/**
 * The declaration as it stands, with another schema. What the registry adds is
 * taken away, rather than the parts of a declaration listed: a part that is
 * forgotten here would be lost with the next version.
 */
function declarationOf(
  eventType: EventType,
  schema: EventSchema,
): ParsedDeclaration {
  const {
    version: _version,
    generation: _generation,
    origin: _origin,
    location: _location,
    declarationProblems: _declarationProblems,
    fields: _fields,
    createdAt: _createdAt,
    createdBy: _createdBy,
    updatedAt: _updatedAt,
    updatedBy: _updatedBy,
    ...declared
  } = eventType;
  return { ...declared, schema };
}

/**
 * An owner or a tier is not changed by registering a schema, and not silently
 * left either.
 */
function assertSameMetadata(
  current: EventType,
  metadata: SubjectMetadata,
): void {
  const owner =
    metadata.owner === undefined
      ? current.owner
      : parseOwner(metadata.owner, '').value;
  const { tier = current.tier } = metadata;
  if (owner !== current.owner || tier !== current.tier) {
    throw new ProtocolError(
      'notPermitted',
      `Event type '${current.name}' has owner ${current.owner} and tier ${current.tier}; they are changed in the portal, not by registering a schema`,
    );
  }
}

/**
 * An Avro text is read here without the compiler: reading is bounded, and a
 * look-up must not wait behind somebody's compilation.
 */
function digestOf({ kind, document }: SchemaText): string {
  try {
    return kind === 'JSON'
      ? jsonSchemaDigest(document)
      : avroDigest(readAvro(document), document);
  } catch (error) {
    // The stack overflowed: only a document nested without end does that.
    if (error instanceof RangeError) {
      throw new ProtocolError('invalidSchema', 'The schema is nested too deep');
    }
    throw error;
  }
}

function readAvro(document: unknown): EventSchema {
  try {
    return parseEventSchema(document);
  } catch (error) {
    if (error instanceof SchemaError) {
      throw new InvalidDeclarationError(
        error.problems.map(found => ({ ...found })),
      );
    }
    throw error;
  }
}
