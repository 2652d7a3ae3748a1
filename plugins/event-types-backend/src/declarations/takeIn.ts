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

/** What taking a declaration in did. */
export type IntakeOutcome = WriteOutcome | 'adopted';

/**
 * Registers a declaration of the catalog, or brings its event type to it. The
 * repository owns what it declares: an event type of the portal passes into its
 * hands, if the declaration is for the same owner and its schema fits.
 *
 * All or nothing: a declaration that is refused leaves the event type as it was,
 * in the hands it was in.
 *
 * @throws DeclarationConflictError when the event type of the portal has another
 * owner, or the schema is incompatible with the version in force
 * @throws InvalidDeclarationError when it leaves undecided what is about persons
 */
export async function takeIn(options: {
  db: Knex;
  events: EventsService;
  logger: LoggerService;
  declaration: ParsedDeclaration;
  location?: string;
  by: string;
  at: Date;
}): Promise<IntakeOutcome> {
  const { db, events, logger, declaration, location, by, at } = options;
  const { name } = declaration;

  const outcome = await db.transaction<IntakeOutcome>(async tx => {
    const context = { declaration, location, by, at };
    if (await insertDeclaration(tx, { ...context, origin: 'catalog' })) {
      return 'created';
    }
    const current = await lockEventType(tx, { name });
    if (!current) {
      throw new DeclarationConflictError([
        problem('changed_meanwhile', '', `Event type '${name}' just vanished`),
      ]);
    }
    const isAdopted = current.row.origin === 'portal';
    if (isAdopted && current.row.owner !== declaration.owner) {
      throw new DeclarationConflictError([
        problem(
          'adoption_refused',
          '/spec/owner',
          `Event type '${name}' was registered through the portal for another owner; a declaration takes it over only for the owner it has`,
        ),
      ]);
    }
    const applied = await applyDeclaration(tx, {
      ...context,
      current,
      origin: 'catalog',
    });
    return isAdopted ? 'adopted' : applied;
  });
  if (outcome !== 'unchanged') {
    await notifyChange({ events, logger, name });
  }
  return outcome;
}
