import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
} from '@backstage/plugin-permission-common';
import {
  breakingChangeApprovePermission,
  compatibilityLoosenPermission,
  eventTypeReadPermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import { isLoosening } from '@millrace/schema';
import { ChangeNotAllowedError, problem } from '../errors';
import type { AuthorizedEventTypeRegistry, RegistryOptions } from '../registry';
import type { EventTypeEvolver } from './types';

/**
 * Lets through only what the permission policy allows.
 *
 * - Who may read an event type may see how it changes and ask for verdicts.
 * - Its owner changes it. Loosening its mode takes a permission of its own.
 * - Breaking changes are approved by those with that permission, who must be
 *   able to see the event type.
 */
export class AuthorizedEventTypeEvolver implements EventTypeEvolver {
  readonly #evolver: EventTypeEvolver;
  readonly #registry: Pick<AuthorizedEventTypeRegistry, 'requireAllowed'>;
  readonly #permissions: PermissionsService;

  constructor(options: {
    evolver: EventTypeEvolver;
    registry: Pick<AuthorizedEventTypeRegistry, 'requireAllowed'>;
    permissions: PermissionsService;
  }) {
    this.#evolver = options.evolver;
    this.#registry = options.registry;
    this.#permissions = options.permissions;
  }

  describe: EventTypeEvolver['describe'] = async (request, options) => {
    await this.#requireReadable(request.name, options);
    return await this.#evolver.describe(request, options);
  };

  listSteps: EventTypeEvolver['listSteps'] = async (request, options) => {
    await this.#requireReadable(request.name, options);
    return await this.#evolver.listSteps(request, options);
  };

  diff: EventTypeEvolver['diff'] = async (request, options) => {
    await this.#requireReadable(request.name, options);
    return await this.#evolver.diff(request, options);
  };

  judge: EventTypeEvolver['judge'] = async (request, options) => {
    await this.#requireReadable(request.name, options);
    return await this.#evolver.judge(request, options);
  };

  publish: EventTypeEvolver['publish'] = async (request, options) => {
    const current = await this.#requireUpdatable(request.name, options);
    return await this.#evolver.publish(
      { ...request, ifGeneration: request.ifGeneration ?? current.generation },
      options,
    );
  };

  setMode: EventTypeEvolver['setMode'] = async (request, options) => {
    const { name, mode } = request;
    const current = await this.#requireUpdatable(name, options);
    const from = current.compatibility ?? 'backward-transitive';
    if (
      isLoosening(from, mode) &&
      !(await this.#isAllowed(compatibilityLoosenPermission, options))
    ) {
      throw new ChangeNotAllowedError([
        problem(
          'loosening_not_allowed',
          '/mode',
          `'${mode}' gives up what '${from}' promises to producers and readers; ask the platform team`,
        ),
      ]);
    }
    return await this.#evolver.setMode(
      { ...request, ifGeneration: request.ifGeneration ?? current.generation },
      options,
    );
  };

  setDeprecation: EventTypeEvolver['setDeprecation'] = async (
    request,
    options,
  ) => {
    const current = await this.#requireUpdatable(request.name, options);
    return await this.#evolver.setDeprecation(
      { ...request, ifGeneration: request.ifGeneration ?? current.generation },
      options,
    );
  };

  requestMajor: EventTypeEvolver['requestMajor'] = async (request, options) => {
    const current = await this.#requireUpdatable(request.name, options);
    return await this.#evolver.requestMajor(
      { ...request, ifGeneration: request.ifGeneration ?? current.generation },
      options,
    );
  };

  decideMajor: EventTypeEvolver['decideMajor'] = async (request, options) => {
    if (!(await this.#isAllowed(breakingChangeApprovePermission, options))) {
      throw new NotAllowedError('You may not decide on breaking changes');
    }
    await this.#requireReadable(request.name, options);
    return await this.#evolver.decideMajor(request, options);
  };

  takeStep: EventTypeEvolver['takeStep'] = async (request, options) => {
    const current = await this.#requireUpdatable(request.name, options);
    return await this.#evolver.takeStep(
      { ...request, ifGeneration: request.ifGeneration ?? current.generation },
      options,
    );
  };

  async #requireReadable(name: string, options: RegistryOptions) {
    return await this.#registry.requireAllowed(
      { name, permission: eventTypeReadPermission },
      options,
    );
  }

  async #requireUpdatable(name: string, options: RegistryOptions) {
    return await this.#registry.requireAllowed(
      { name, permission: eventTypeUpdatePermission },
      options,
    );
  }

  async #isAllowed(
    permission: BasicPermission,
    options: RegistryOptions,
  ): Promise<boolean> {
    const [decision] = await this.#permissions.authorize(
      [{ permission }],
      options,
    );
    return decision.result === AuthorizeResult.ALLOW;
  }
}
