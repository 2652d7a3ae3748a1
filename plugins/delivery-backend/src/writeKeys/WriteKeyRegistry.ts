import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  createWriteKey,
  listWriteKeys,
  revokeWriteKey,
  type WriteKeyRecord,
} from '@millrace/ledger';
import {
  type CreatedWriteKey,
  type WriteKey,
  writeKeyCreatePermission,
  writeKeyReadPermission,
  type WriteKeyRequest,
  writeKeyRevokePermission,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import type { EventTypeLookup } from '../eventTypes';
import type { AccessControl } from '../permissions';

type UserCredentials = BackstageCredentials<BackstageUserPrincipal>;

/** Options of {@link WriteKeyRegistry}. */
export interface WriteKeyRegistryOptions {
  ledger: Knex;
  access: AccessControl;
  eventTypes: EventTypeLookup;
  userInfo: UserInfoService;
  /** Called after a change: gateways learn of it by the next snapshot. */
  onChange: () => void;
}

/**
 * Write keys, and who may do what with them.
 *
 * - Owners create keys for event types they own; the platform team, known by
 *   the permission to revoke any key, for any event type and for all.
 * - One sees, and may revoke, the keys one created and those whose every event
 *   type one owns; the platform team all of them.
 * - A key is seen in clear once, in the answer to its creation. It is not
 *   logged, audited or stored.
 */
export class WriteKeyRegistry {
  readonly #options: WriteKeyRegistryOptions;

  constructor(options: WriteKeyRegistryOptions) {
    this.#options = options;
  }

  async list(credentials: UserCredentials): Promise<WriteKey[]> {
    const { ledger, access } = this.#options;
    await access.require(writeKeyReadPermission, credentials);
    const records = await listWriteKeys(ledger);
    const isMine = await this.#ownership(credentials);
    return records.filter(isMine).map(toWriteKey);
  }

  /**
   * @throws InputError for event types that do not exist, NotAllowedError for
   * those of others
   */
  async create(
    request: WriteKeyRequest,
    credentials: UserCredentials,
  ): Promise<CreatedWriteKey> {
    const { ledger, access, onChange } = this.#options;
    await access.require(writeKeyCreatePermission, credentials);
    const eventTypes = request.eventTypes && [...new Set(request.eventTypes)];
    await this.#requireOwnership(eventTypes, credentials);

    const { keyId, writeKey } = await createWriteKey(ledger, {
      name: request.name,
      eventTypes,
      createdBy: credentials.principal.userEntityRef,
    });
    onChange();
    return { ...toWriteKey(await this.#find(keyId)), writeKey };
  }

  /** Idempotent. @throws NotFoundError, NotAllowedError */
  async revoke(keyId: string, credentials: UserCredentials): Promise<void> {
    const { ledger, access, onChange } = this.#options;
    if (!(await access.isAllowed(writeKeyRevokePermission, credentials))) {
      // Who may not create keys has none to revoke.
      await access.require(writeKeyCreatePermission, credentials);
      const isMine = await this.#ownership(credentials);
      if (!isMine(await this.#find(keyId))) {
        throw new NotAllowedError(
          `You may revoke keys you created, and keys of event types you own; ask the platform team to revoke ${keyId}`,
        );
      }
    }
    if (!(await revokeWriteKey(ledger, { keyId }))) {
      throw notFound(keyId);
    }
    onChange();
  }

  async #requireOwnership(
    wanted: string[] | undefined,
    credentials: UserCredentials,
  ): Promise<void> {
    const { access, eventTypes, userInfo } = this.#options;
    const isPlatformTeam = await access.isAllowed(
      writeKeyRevokePermission,
      credentials,
    );
    if (!wanted) {
      if (!isPlatformTeam) {
        throw new NotAllowedError(
          'Only the platform team may create a key for all event types; name the event types you own',
        );
      }
      return;
    }
    const owners = new Map(
      (await eventTypes.list(credentials)).map(({ name, owner }) => [
        name,
        owner,
      ]),
    );
    const unknown = wanted.filter(name => !owners.has(name));
    if (unknown.length > 0) {
      throw new InputError(`There is no event type ${quoted(unknown)}`);
    }
    if (isPlatformTeam) {
      return;
    }
    const { ownershipEntityRefs } = await userInfo.getUserInfo(credentials);
    const others = wanted.filter(
      name => !ownershipEntityRefs.includes(owners.get(name) ?? ''),
    );
    if (others.length > 0) {
      throw new NotAllowedError(
        `You may create keys for event types you own; you do not own ${quoted(
          others,
        )}`,
      );
    }
  }

  /** Tells whether a key is the credentials' to see and revoke. */
  async #ownership(
    credentials: UserCredentials,
  ): Promise<(key: WriteKeyRecord) => boolean> {
    const { access, eventTypes, userInfo } = this.#options;
    if (await access.isAllowed(writeKeyRevokePermission, credentials)) {
      return () => true;
    }
    const [declared, { ownershipEntityRefs }] = await Promise.all([
      eventTypes.list(credentials),
      userInfo.getUserInfo(credentials),
    ]);
    const owned = new Set(
      declared
        .filter(({ owner }) => ownershipEntityRefs.includes(owner))
        .map(({ name }) => name),
    );
    const { userEntityRef } = credentials.principal;
    return key =>
      key.createdBy === userEntityRef ||
      (key.eventTypes?.every(name => owned.has(name)) ?? false);
  }

  async #find(keyId: string): Promise<WriteKeyRecord> {
    const keys = await listWriteKeys(this.#options.ledger);
    const key = keys.find(candidate => candidate.keyId === keyId);
    if (!key) {
      throw notFound(keyId);
    }
    return key;
  }
}

function notFound(keyId: string): NotFoundError {
  return new NotFoundError(`There is no write key ${keyId}`);
}

function quoted(names: string[]): string {
  const [first, ...rest] = names;
  return rest.length > 0 ? `'${first}' and ${rest.length} more` : `'${first}'`;
}

function toWriteKey(record: WriteKeyRecord): WriteKey {
  const { keyId, name, eventTypes, createdAt, createdBy, revokedAt } = record;
  return {
    keyId,
    name,
    eventTypes,
    createdAt: createdAt.toISOString(),
    createdBy,
    revokedAt: revokedAt?.toISOString(),
  };
}
