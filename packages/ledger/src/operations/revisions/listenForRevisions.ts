import { Knex } from 'knex';
import { Listener, listenOn, ListenOptions } from '../../database/listenOn';
import { REVISIONS_CHANNEL } from './revisionTypes';

/**
 * Listens for operations that wait for a worker, so that a preview begins at once
 * and not at the next look.
 *
 * @public
 */
export function listenForRevisions(db: Knex, options: ListenOptions): Listener {
  return listenOn(db, REVISIONS_CHANNEL, options);
}
