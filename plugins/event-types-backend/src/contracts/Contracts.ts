import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import {
  type EventType,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { AuthorizedEventTypeRegistry } from '../registry';
import { actorOf } from '../registry/actorOf';
import type { ContractReader } from './reading/ContractReader';
import type { DeliveryFacts } from './deliveryFacts';
import { NoImportedContractError, refusalOf } from './errors';
import type { Finding } from './findings';
import {
  type ServiceLevelStatus,
  findingsOf,
  judgeServiceLevels,
} from './mapping/serviceLevels';
import { overlayContract, writeContract } from './mapping/writeContract';
import type { ContractsRow } from './operations/contracts';
import { deleteContract } from './operations/deleteContract';
import { findContract } from './operations/findContract';
import { replaceContract } from './operations/replaceContract';
import {
  type ReadContract,
  compareWithRegistered,
} from './reading/readContract';
import { checkAgainstStandard } from './standard';

/** On whose behalf. */
interface Options {
  credentials: BackstageCredentials;
}

/** The contract of an event type, and what is to be said about it. */
export interface ExportedContract {
  document: JsonObject;
  /** Whether somebody wrote it, or Millrace did. */
  source: 'generated' | 'imported';
  importedAt?: string;
  importedBy?: string;
  /** What the imported document says otherwise than what is registered. */
  findings: Finding[];
  serviceLevels: ServiceLevelStatus[];
}

/**
 * Contracts of event types in the Open Data Contract Standard.
 *
 * Guarantees: what is exported is true of the registered schema; what was
 * imported comes back as it was, keys that nobody here knows included, but for
 * what the schema has come to contradict; importing changes nothing that is
 * registered. One statement keeps a contract, so a crash leaves the one before.
 */
export class Contracts {
  readonly #auth: AuthService;
  readonly #db: Knex;
  readonly #facts: DeliveryFacts;
  readonly #reader: ContractReader;
  readonly #registry: AuthorizedEventTypeRegistry;
  readonly #now: () => Date;

  constructor(options: {
    auth: AuthService;
    db: Knex;
    facts: DeliveryFacts;
    reader: ContractReader;
    registry: AuthorizedEventTypeRegistry;
    now?: () => Date;
  }) {
    this.#auth = options.auth;
    this.#db = options.db;
    this.#facts = options.facts;
    this.#reader = options.reader;
    this.#registry = options.registry;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * @param request - `asGenerated`: what is given out once an imported one is
   * forgotten
   * @throws EventTypeNotFoundError, NotAllowedError
   */
  async export(
    request: { name: string; asGenerated?: boolean },
    options: Options,
  ): Promise<ExportedContract> {
    const { name, asGenerated } = request;
    const eventType = await this.#registry.get({ name }, options);
    const row = asGenerated
      ? undefined
      : await findContract(this.#db, { eventType: eventType.name });
    return row
      ? this.#imported(row, eventType)
      : this.#withLevels(
          {
            document: writeContract(eventType, this.#facts),
            source: 'generated',
            findings: [],
          },
          eventType,
        );
  }

  /**
   * Says what an import would, to who may import, and keeps nothing.
   *
   * @throws EventTypeNotFoundError, NotAllowedError
   */
  async check(
    request: { name: string; text: string },
    options: Options,
  ): Promise<ReadContract> {
    const eventType = await this.#updatable(request, options);
    return await this.#read(request.text, eventType);
  }

  /**
   * Keeps a contract in place of the one before.
   *
   * @throws UnreadableContractError, ContradictingContractError,
   * EventTypeNotFoundError, NotAllowedError
   */
  async import(
    request: { name: string; text: string },
    options: Options,
  ): Promise<ReadContract & { isFirst: boolean }> {
    const eventType = await this.#updatable(request, options);
    const read = await this.#read(request.text, eventType);
    if (!read.document) {
      throw refusalOf(read.findings);
    }
    const { isFirst } = await replaceContract(this.#db, {
      eventType: eventType.name,
      document: read.document,
      apiVersion: read.apiVersion ?? '',
      at: this.#now(),
      by: actorOf(this.#auth, options.credentials),
    });
    return { ...read, isFirst };
  }

  /**
   * Forgets the imported contract; the generated one takes its place.
   *
   * @throws NoImportedContractError, EventTypeNotFoundError, NotAllowedError
   */
  async forget(request: { name: string }, options: Options): Promise<void> {
    const eventType = await this.#updatable(request, options);
    const { name } = eventType;
    if (!(await deleteContract(this.#db, { eventType: name }))) {
      throw new NoImportedContractError(name);
    }
  }

  async #read(text: string, eventType: EventType): Promise<ReadContract> {
    return await this.#reader.read({ text, eventType, facts: this.#facts });
  }

  async #updatable(
    { name }: { name: string },
    options: Options,
  ): Promise<EventType> {
    return await this.#registry.requireAllowed(
      { name, permission: eventTypeUpdatePermission },
      options,
    );
  }

  #imported(row: ContractsRow, eventType: EventType): ExportedContract {
    const document = overlayContract(row.document, eventType);
    return this.#withLevels(
      {
        document,
        source: 'imported',
        importedAt: row.imported_at.toISOString(),
        importedBy: row.imported_by,
        findings: [
          ...compareWithRegistered(row.document, eventType),
          ...checkAgainstStandard(document),
        ],
      },
      eventType,
    );
  }

  #withLevels(
    contract: Omit<ExportedContract, 'serviceLevels'>,
    eventType: EventType,
  ): ExportedContract {
    const serviceLevels = judgeServiceLevels(
      contract.document.slaProperties,
      this.#facts,
      eventType.tier,
    );
    return {
      ...contract,
      findings: [...contract.findings, ...findingsOf(serviceLevels)],
      serviceLevels,
    };
  }
}
