import { Knex } from 'knex';
import { Listener, listenOn, ListenOptions } from '../../database/listenOn';
import { CONFIG_CHANNEL } from './snapshotTransaction';

/** @public */
export type ListenForConfigOptions = ListenOptions;

/** @public */
export type ConfigListener = Listener;

/**
 * Listens for new config snapshots; see {@link ListenOptions}.
 *
 * @public
 */
export function listenForConfig(
  db: Knex,
  options: ListenForConfigOptions,
): ConfigListener {
  return listenOn(db, CONFIG_CHANNEL, options);
}
