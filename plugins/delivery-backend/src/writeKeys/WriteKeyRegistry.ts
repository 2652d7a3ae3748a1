import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import {
  createWriteKey,
  LedgerError,
  listWriteKeys,
  type NewWriteKey,
  revokeWriteKey,
  rotateWriteKey,
  setWriteKeyExpiry,
  type WriteKeyRecord,
} from '@millrace/ledger';
import {
  type CreatedWriteKey,
  type WriteKey,
  writeKeyCreatePermission,
  writeKeyReadPermission,
  type WriteKeyRequest,
  writeKeyRevokePermission,
  type WriteKeyRotation,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import type { EventTypeLookup } from '../eventTypes';
import type { AccessControl } from '../permissions';
import { toWriteKey } from './toWriteKey';

type UserCredentials = BackstageCredentials<BackstageUserPrincipal>;

/**
 * Above it only the platform team may lift a browser key: it is the rate that
 * gateways give one by default, and anybody can read the key.
 */
const MAX_OWN_BROWSER_EVENTS_PER_SECOND = 2_000;

/** Options of {@link WriteKeyRegistry}. */
export interface WriteKeyRegistryOptions {
  ledger: Knex;
  access: AccessControl;
  eventTypes: EventTypeLookup;
  userInfo: UserInfoService;
  /** Called after a change, for whoever wants to know before the next round. */
  onChange: () => void;
}

/**
 * Write keys, and who may do what with them.
 *
 * - Owners create keys for event types they own; the platform team, known by
 *   the permission to revoke any key, for any event type and for all.
 * - Rotating a key and setting its expiry hand out access for longer: one must
 *   be allowed to create the very same key now, whoever created it then.
 * - One sees the keys one created or answers for, and those that may send an
 *   event type one owns. One may revoke the first, and those whose every event
 *   type one owns. The platform team sees and revokes all.
 * - A key answers to the owner of its event types when they have the same one,
 *   otherwise to who created it.
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
    const { maySee } = await this.#rights(credentials);
    return records.filter(maySee).map(toWriteKey);
  }

  /**
   * @throws InputError for event types that do not exist, NotAllowedError for
   * those of others, ConflictError when the producer has two live keys
   */
  async create(
    request: WriteKeyRequest,
    credentials: UserCredentials,
  ): Promise<CreatedWriteKey> {
    const { ledger, access } = this.#options;
    await access.require(writeKeyCreatePermission, credentials);
    const eventTypes = request.eventTypes && [...new Set(request.eventTypes)];
    const owners = await this.#requireOwnership(eventTypes, credentials);
    const { name, producer, kind, eventsPerSecond, expiresAt } = request;
    if (
      kind === 'browser' &&
      (eventsPerSecond ?? 0) > MAX_OWN_BROWSER_EVENTS_PER_SECOND &&
      !(await access.isAllowed(writeKeyRevokePermission, credentials))
    ) {
      throw new NotAllowedError(
        `Only the platform team may lift a browser key above ${MAX_OWN_BROWSER_EVENTS_PER_SECOND} events per second`,
      );
    }
    const { userEntityRef } = credentials.principal;
    return await this.#shown(
      createWriteKey(ledger, {
        name,
        producer,
        owner: owners.size === 1 ? [...owners][0] : userEntityRef,
        kind,
        eventTypes,
        eventsPerSecond,
        expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
        createdBy: userEntityRef,
      }),
    );
  }

  /**
   * Creates the successor of a key.
   *
   * @throws NotFoundError, NotAllowedError; ConflictError for a key that is no
   * longer live, or has its successor
   */
  async rotate(
    keyId: string,
    { graceSeconds }: WriteKeyRotation,
    credentials: UserCredentials,
  ): Promise<CreatedWriteKey> {
    await this.#requireScopeOf(keyId, credentials);
    return await this.#shown(
      rotateWriteKey(this.#options.ledger, {
        keyId,
        graceMs: graceSeconds === undefined ? undefined : graceSeconds * 1000,
        createdBy: credentials.principal.userEntityRef,
      }).then(created => created ?? Promise.reject(notFound(keyId))),
    );
  }

  /**
   * Sets or, without `expiresAt`, takes away when a key expires.
   *
   * @throws NotFoundError, NotAllowedError; ConflictError for a key that is no
   * longer live
   */
  async setExpiry(
    keyId: string,
    expiresAt: string | undefined,
    credentials: UserCredentials,
  ): Promise<WriteKey> {
    const { ledger, onChange } = this.#options;
    await this.#requireScopeOf(keyId, credentials);
    const isFound = await conflicting(
      setWriteKeyExpiry(ledger, {
        keyId,
        expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
      }),
    );
    if (!isFound) {
      throw notFound(keyId);
    }
    onChange();
    return toWriteKey(await this.#find(keyId));
  }

  /** Idempotent. @throws NotFoundError, NotAllowedError */
  async revoke(keyId: string, credentials: UserCredentials): Promise<void> {
    const { ledger, access, onChange } = this.#options;
    if (!(await access.isAllowed(writeKeyRevokePermission, credentials))) {
      // Who may not create keys has none to revoke.
      await access.require(writeKeyCreatePermission, credentials);
      const { mayRevoke } = await this.#rights(credentials);
      const key = await this.#lookUp(keyId);
      // A key that is not there and one of others look the same.
      if (!key || !mayRevoke(key)) {
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

  async #shown(creation: Promise<NewWriteKey>): Promise<CreatedWriteKey> {
    const { keyId, writeKey } = await conflicting(creation);
    this.#options.onChange();
    return { ...toWriteKey(await this.#find(keyId)), writeKey };
  }

  /** Requires the right to create the same key now. */
  async #requireScopeOf(
    keyId: string,
    credentials: UserCredentials,
  ): Promise<void> {
    const { access } = this.#options;
    await access.require(writeKeyCreatePermission, credentials);
    if (await access.isAllowed(writeKeyRevokePermission, credentials)) {
      return;
    }
    const { owned } = await this.#rights(credentials);
    const key = await this.#lookUp(keyId);
    // A type that is gone, or that one may not see, is not one's own.
    if (!key?.eventTypes?.every(name => owned.has(name))) {
      throw new NotAllowedError(
        `You may rotate keys whose every event type you own; ask the platform team for ${keyId}`,
      );
    }
  }

  /** Gives who owns the event types. */
  async #requireOwnership(
    wanted: string[] | undefined,
    credentials: UserCredentials,
  ): Promise<Set<string>> {
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
      return new Set();
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
    const ownersOfWanted = new Set(wanted.map(name => owners.get(name) ?? ''));
    if (isPlatformTeam) {
      return ownersOfWanted;
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
    return ownersOfWanted;
  }

  async #rights(credentials: UserCredentials): Promise<{
    owned: Set<string>;
    maySee: (key: WriteKeyRecord) => boolean;
    mayRevoke: (key: WriteKeyRecord) => boolean;
  }> {
    const { access, eventTypes, userInfo } = this.#options;
    if (await access.isAllowed(writeKeyRevokePermission, credentials)) {
      // Without asking anybody else, who might be down.
      const always = () => true;
      return { owned: new Set(), maySee: always, mayRevoke: always };
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
    const isMine = (key: WriteKeyRecord) =>
      key.createdBy === userEntityRef ||
      ownershipEntityRefs.includes(key.owner);
    return {
      owned,
      maySee: key =>
        isMine(key) || (key.eventTypes?.some(name => owned.has(name)) ?? false),
      mayRevoke: key =>
        isMine(key) ||
        (key.eventTypes?.every(name => owned.has(name)) ?? false),
    };
  }

  async #find(keyId: string): Promise<WriteKeyRecord> {
    const key = await this.#lookUp(keyId);
    if (!key) {
      throw notFound(keyId);
    }
    return key;
  }

  async #lookUp(keyId: string): Promise<WriteKeyRecord | undefined> {
    return (await listWriteKeys(this.#options.ledger, { keyId })).at(0);
  }
}

/** What the ledger refuses because of the state of a key is a conflict. */
async function conflicting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (
      error instanceof LedgerError &&
      (error.code === 'too_many_live_keys' ||
        error.code === 'write_key_not_live')
    ) {
      throw new ConflictError(error.message);
    }
    throw error;
  }
}

function notFound(keyId: string): NotFoundError {
  return new NotFoundError(`There is no write key ${keyId}`);
}

function quoted(names: string[]): string {
  const [first, ...rest] = names;
  return rest.length > 0 ? `'${first}' and ${rest.length} more` : `'${first}'`;
}
