import type {
  EventTypePage,
  FieldPage,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { countEventTypes } from './operations/countEventTypes';
import { countFields } from './operations/countFields';
import { findEventTypes } from './operations/findEventTypes';
import { findFields } from './operations/findFields';
import type { FindEventTypesRequest, FindFieldsRequest, Scope } from './types';

/**
 * Finds on Postgres what a scope allows; whose scope it is, the decorator says.
 *
 * Page and counts are read in one transaction that sees one moment, so that they
 * never contradict each other.
 */
export class DefaultEventTypeFinder {
  readonly #db: Knex;

  constructor(options: { db: Knex }) {
    this.#db = options.db;
  }

  async findEventTypes(
    request: FindEventTypesRequest,
    scope: Scope,
  ): Promise<EventTypePage> {
    return await this.#atOneMoment(async tx => ({
      ...(await findEventTypes(tx, { ...request, scope })),
      ...(await countEventTypes(tx, { criteria: request.criteria, scope })),
    }));
  }

  async findFields(
    request: FindFieldsRequest,
    scope: Scope,
  ): Promise<FieldPage> {
    return await this.#atOneMoment(async tx => ({
      ...(await findFields(tx, { ...request, scope })),
      ...(await countFields(tx, { criteria: request.criteria, scope })),
    }));
  }

  async #atOneMoment<T>(read: (tx: Knex) => Promise<T>): Promise<T> {
    return await this.#db.transaction(read, {
      isolationLevel: 'repeatable read',
      readOnly: true,
    });
  }
}
