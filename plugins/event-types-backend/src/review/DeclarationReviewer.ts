import { NotAllowedError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type {
  DeclarationProblem,
  DeclarationReview,
  EventType,
  RetentionClass,
} from '@millrace/plugin-event-types-common';
import {
  DEFAULT_COMPATIBILITY_MODE,
  type EventSchema,
  type Incompatibility,
  describeBreaks,
  findPersonalFields,
  judgeDifferences,
  judgePrivacy,
  parseEventSchema,
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  summarizeFields,
  topicOf,
} from '@millrace/schema';
import { isDeepStrictEqual } from 'node:util';
import type { NameDesk } from '../availability';
import {
  missingDescription,
  systemNotFound,
  toProblem,
} from '../declarations/judgeDeclaration';
import { EventTypeNotFoundError, problem } from '../errors';
import type { EventTypeRegistry, RegistryOptions } from '../registry';
import { compareVersions } from '../registry/compareWithVersions';
import type { ReadRegistration } from '../service/request';
import { estimateBytes } from './estimateBytes';
import type { OwnerGate } from './OwnerGate';

const SECONDS_PER_DAY = 24 * 60 * 60;

/**
 * Says what registering a declaration would do, and everything that is in its
 * way, without writing anything. It asks on behalf of the caller: what the caller
 * may not read has no part in the answer. The registry judges again when it is
 * asked to write, so a review promises nothing.
 */
export class DeclarationReviewer {
  readonly #options: {
    catalog: CatalogService;
    names: NameDesk;
    owners: OwnerGate;
    registry: EventTypeRegistry;
    retentionClasses: readonly RetentionClass[];
    bucketSeconds: number;
  };

  /** The registry must be the authorized one. */
  constructor(options: {
    catalog: CatalogService;
    names: NameDesk;
    owners: OwnerGate;
    registry: EventTypeRegistry;
    retentionClasses: readonly RetentionClass[];
    bucketSeconds: number;
  }) {
    this.#options = options;
  }

  async review(
    read: ReadRegistration,
    options: RegistryOptions,
  ): Promise<DeclarationReview> {
    const { schema, samples, name, locate } = read;
    const existing = name && (await this.#findReadable(name, options));
    const before = existing
      ? {
          description: existing.description,
          schema: parseEventSchema(existing.schema),
        }
      : undefined;

    const judged = schema
      ? judgePrivacy(schema, { before: before?.schema, samples })
      : [];
    const privacy = schema ? findPersonalFields(schema, { samples }) : [];
    const incompatible =
      schema && existing
        ? await this.#findBreaks(existing, schema, options)
        : [];
    const availability =
      name && !existing
        ? await this.#options.names.check(name, options)
        : undefined;

    const problems: DeclarationProblem[] = [
      ...read.problems,
      ...(availability?.problems ?? []).filter(
        ({ code }) => !read.problems.some(known => known.code === code),
      ),
      ...(existing ? this.#problemsOfSource(existing) : []),
      ...(await this.#problemsOfOwner(read, options)),
      ...(read.declaration &&
      read.declaration.description === undefined &&
      (!before || before.description)
        ? [missingDescription('/description')]
        : []),
      ...judged.map(found => ({
        ...toProblem(found, ''),
        pointer: locate(found.pointer),
      })),
      ...incompatible,
    ];
    const hints: DeclarationProblem[] = [
      ...(availability?.similar ?? []).map(({ name: other }) =>
        problem(
          'name_too_similar',
          '/name',
          `There is '${other}' already; is it what you are looking for?`,
        ),
      ),
      ...privacy
        .filter(({ confidence }) => confidence === 'possible')
        .map(({ pointer, path, ...suggestion }) => ({
          code: 'undecided_personal_field',
          pointer: locate(pointer),
          message: `Field '${path}' may hold '${suggestion.semanticType}' (${suggestion.reason}); say so if it does`,
          suggestion,
        })),
    ];
    return {
      isReady: problems.length === 0 && read.declaration !== undefined,
      action: problems.length ? 'refused' : actionOf(read, existing),
      problems,
      hints,
      schema: schema?.avro,
      fields: schema ? summarizeFields(schema) : [],
      privacy,
      ...(name && { resources: this.#resourcesOf(name, read, existing) }),
      ...(existing &&
        schema && {
          compatibility: {
            againstVersion: existing.version,
            isCompatible: incompatible.length === 0,
          },
        }),
      ...(schema && { volume: this.#volumeOf(read) }),
    };
  }

  /** The event type of the name, if the caller may know of it. */
  async #findReadable(
    name: string,
    options: RegistryOptions,
  ): Promise<EventType | undefined> {
    try {
      return await this.#options.registry.get({ name }, options);
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

  /** What publishing would be refused for, in the mode of the event type. */
  async #findBreaks(
    existing: EventType,
    schema: EventSchema,
    options: RegistryOptions,
  ): Promise<Incompatibility[]> {
    if (isSameSchema(schema.avro, existing)) {
      return [];
    }
    const { name, compatibility: mode = DEFAULT_COMPATIBILITY_MODE } = existing;
    const versions = await this.#options.registry.listVersions(
      { name },
      options,
    );
    const against = await compareVersions(
      versions.map(({ version, schema: stored }) => ({
        version,
        text: JSON.stringify(stored),
      })),
      schema,
    );
    return describeBreaks(judgeDifferences(against, mode));
  }

  #problemsOfSource(existing: EventType): DeclarationProblem[] {
    return existing.origin === 'catalog' && !existing.orphanedAt
      ? [
          problem(
            'declared_in_catalog',
            '',
            `Event type '${existing.name}' is declared in ${
              existing.location ?? 'the catalog'
            }; change it there`,
          ),
        ]
      : [];
  }

  async #problemsOfOwner(
    read: ReadRegistration,
    options: RegistryOptions,
  ): Promise<DeclarationProblem[]> {
    const { catalog, owners } = this.#options;
    const { owner, name, declaration } = read;
    const problems: DeclarationProblem[] = [];
    if (owner && !(await catalog.getEntityByRef(owner, options))) {
      problems.push(
        problem(
          'owner_not_found',
          '/owner',
          `There is no ${owner} in the catalog`,
        ),
      );
    } else if (
      owner &&
      !(await owners.mayActFor({ name: name ?? '', owner }, options))
    ) {
      problems.push(
        problem(
          'not_owner',
          '/owner',
          `You may not act for ${owner}; choose an owner you belong to, or ask the platform team`,
        ),
      );
    }
    const system = declaration?.details?.system;
    if (system && !(await catalog.getEntityByRef(system, options))) {
      problems.push(systemNotFound(system, '/system'));
    }
    return problems;
  }

  #retentionOf(id: string | undefined): RetentionClass {
    const { retentionClasses } = this.#options;
    return (
      retentionClasses.find(each => each.id === id) ??
      retentionClasses.find(({ isDefault }) => isDefault) ??
      retentionClasses[0]
    );
  }

  #resourcesOf(
    name: string,
    read: ReadRegistration,
    existing: EventType | undefined | '',
  ): DeclarationReview['resources'] {
    const { bucketSeconds } = this.#options;
    const isSame =
      existing && read.schema && isSameSchema(read.schema.avro, existing);
    return {
      eventType: name,
      version: existing ? existing.version + (isSame ? 0 : 1) : 1,
      topic: topicOf(name),
      subscription: subscriptionOf(name),
      refusedTopic: refusedTopicOf(name),
      refusedSubscription: refusedSubscriptionOf(name),
      dataEndpoint: name,
      partitions: {
        seconds: bucketSeconds,
        perDay: SECONDS_PER_DAY / bucketSeconds,
      },
      retention: this.#retentionOf(read.declaration?.details?.retention),
    };
  }

  #volumeOf(read: ReadRegistration): DeclarationReview['volume'] {
    const { schema, samples, declaration } = read;
    if (!schema) {
      return undefined;
    }
    const { bytesPerEvent, basis } = estimateBytes(schema, samples);
    const eventsPerDay = declaration?.details?.expectedEventsPerDay;
    if (eventsPerDay === undefined) {
      return { bytesPerEvent, basis };
    }
    const bytesPerDay = bytesPerEvent * eventsPerDay;
    const { keepDays } = this.#retentionOf(declaration?.details?.retention);
    return {
      eventsPerDay,
      bytesPerEvent,
      bytesPerDay,
      bytesKept: bytesPerDay * keepDays,
      basis,
    };
  }
}

function isSameSchema(avro: unknown, existing: EventType): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(avro)), existing.schema);
}

function actionOf(
  read: ReadRegistration,
  existing: EventType | undefined | '',
): DeclarationReview['action'] {
  const { declaration } = read;
  if (!existing || !declaration) {
    return 'create';
  }
  if (!isSameSchema(declaration.schema.avro, existing)) {
    return 'new-version';
  }
  const { description, owner, tier, details = {} } = declaration;
  const isSame =
    description === existing.description &&
    owner === existing.owner &&
    tier === existing.tier &&
    details.retention === existing.retention &&
    details.expectedEventsPerDay === existing.expectedEventsPerDay &&
    details.system === existing.system &&
    isDeepStrictEqual(details.tags, existing.tags);
  return isSame ? 'unchanged' : 'update';
}
