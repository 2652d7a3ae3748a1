import type { EventsService } from '@backstage/plugin-events-node';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { lockEventType } from '../database/operations/eventTypes/lockEventType';
import { DeclarationConflictError, problem } from '../errors';
import type { ParsedDeclaration, WriteOutcome } from '../registry';
import { notifyChange } from '../registry/notifyChange';
import {
  applyDeclaration,
  insertDeclaration,
} from '../registry/writeDeclaration';

/**
 * Registers a declaration of the catalog, or brings its event type to it.
 *
 * @throws DeclarationConflictError when the name was registered through the
 * portal, or the schema is incompatible with the version in force
 */
export async function takeIn(options: {
  db: Knex;
  events: EventsService;
  logger: LoggerService;
  declaration: ParsedDeclaration;
  location?: string;
  by: string;
  at: Date;
}): Promise<WriteOutcome> {
  const { db, events, logger, declaration, location, by, at } = options;
  const { name } = declaration;

  const outcome = await db.transaction<WriteOutcome>(async tx => {
    const context = { declaration, location, by, at };
    if (await insertDeclaration(tx, { ...context, origin: 'catalog' })) {
      return 'created';
    }
    const current = await lockEventType(tx, { name });
    if (!current || current.row.origin !== 'catalog') {
      throw new DeclarationConflictError([
        problem(
          'name_taken',
          '/metadata/name',
          `Event type '${name}' was registered through the portal; a declaration in the catalog does not take it over`,
        ),
      ]);
    }
    return await applyDeclaration(tx, { ...context, current });
  });
  if (outcome !== 'unchanged') {
    await notifyChange({ events, logger, name });
  }
  return outcome;
}
