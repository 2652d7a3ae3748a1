import type { PermissionsService } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  type PermissionRuleset,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  ANNOTATION_ORIGIN,
  type NameAvailability,
  type NameHolder,
  ORIGIN_PORTAL,
  eventTypeEntityRef,
  eventTypeReadPermission,
} from '@millrace/plugin-event-types-common';
import type {
  EventTypePermissionFilter,
  EventTypeResource,
} from '@millrace/plugin-event-types-node';
import { ruleName } from '@millrace/schema';
import type { Knex } from 'knex';
import { findFoldedName } from '../database/operations/eventTypes/findFoldedName';
import { isNameTaken } from '../database/operations/eventTypes/isNameTaken';
import { listNames } from '../database/operations/eventTypes/listNames';
import { nameTooSimilar } from '../declarations/judgeDeclaration';
import { problem } from '../errors';
import { locationOf } from '../registry/locationOf';
import type { RegistryOptions } from '../registry';
import { likeness } from './likeness';

const MAX_SIMILAR = 5;

/**
 * Tells whether a name can be registered, fast enough to be asked while somebody
 * types. That a name is taken is told to whoever may register, since registering
 * would tell it too; by whom, only to those who may read it. Nothing is reserved:
 * another may be faster.
 */
export class NameDesk {
  readonly #db: Knex;
  readonly #catalog: CatalogService;
  readonly #permissions: PermissionsService;
  readonly #toFilter: ReturnType<
    typeof createConditionTransformer<EventTypePermissionFilter>
  >;

  constructor(options: {
    db: Knex;
    catalog: CatalogService;
    permissions: PermissionsService;
    ruleset: PermissionRuleset<EventTypeResource, EventTypePermissionFilter>;
  }) {
    this.#db = options.db;
    this.#catalog = options.catalog;
    this.#permissions = options.permissions;
    this.#toFilter = createConditionTransformer(options.ruleset);
  }

  /** @param name - anything somebody may type */
  async check(
    name: string,
    options: RegistryOptions,
  ): Promise<NameAvailability> {
    const { problems } = ruleName(name, '/name');
    if (problems.length) {
      return { name, status: 'invalid', problems, similar: [] };
    }
    const [holders, isTaken, folded, declared] = await Promise.all([
      this.#readableNames(options),
      isNameTaken(this.#db, { name }),
      findFoldedName(this.#db, { name }),
      this.#declaredInCatalog(name, options),
    ]);
    const takenBy = holders.find(holder => holder.name === name) ?? declared;
    if (isTaken || declared) {
      return {
        name,
        status: 'taken',
        problems: [
          problem(
            'name_taken',
            '/name',
            `There is an event type '${name}' already`,
          ),
        ],
        ...(takenBy && { takenBy }),
        similar: [],
      };
    }
    const similar = similarTo(name, holders);
    const alike = holders.filter(holder => holder.name === folded);
    return folded === undefined
      ? { name, status: 'free', problems: [], similar }
      : {
          name,
          status: 'too-similar',
          problems: [nameTooSimilar('/name')],
          similar: [
            ...alike,
            ...similar.filter(holder => holder.name !== folded),
          ],
        };
  }

  /** YAML beside the code may have claimed it without being taken in yet. */
  async #declaredInCatalog(
    name: string,
    options: RegistryOptions,
  ): Promise<NameHolder | undefined> {
    const entity = await this.#catalog.getEntityByRef(
      eventTypeEntityRef(name),
      options,
    );
    if (
      !entity ||
      entity.metadata.annotations?.[ANNOTATION_ORIGIN] === ORIGIN_PORTAL
    ) {
      return undefined;
    }
    return {
      name,
      description: entity.metadata.description,
      owner: String(entity.spec?.owner ?? ''),
      origin: 'catalog',
      location: locationOf(entity),
    };
  }

  async #readableNames(options: RegistryOptions): Promise<NameHolder[]> {
    const [decision]: PolicyDecision[] =
      await this.#permissions.authorizeConditional(
        [{ permission: eventTypeReadPermission }],
        options,
      );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return await listNames(this.#db, {});
      case AuthorizeResult.CONDITIONAL:
        return await listNames(this.#db, {
          filter: this.#toFilter(decision.conditions),
        });
      default:
        return [];
    }
  }
}

function similarTo(name: string, holders: readonly NameHolder[]): NameHolder[] {
  return holders
    .map(holder => ({ holder, distance: likeness(name, holder.name) }))
    .filter(({ distance }) => distance !== undefined)
    .sort(
      (a, b) =>
        (a.distance ?? 0) - (b.distance ?? 0) ||
        (a.holder.name < b.holder.name ? -1 : 1),
    )
    .slice(0, MAX_SIMILAR)
    .map(({ holder }) => holder);
}
