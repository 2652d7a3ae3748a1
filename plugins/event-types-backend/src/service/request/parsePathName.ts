import { EventTypeNotFoundError } from '../../errors';

/**
 * The event type a path names. Wider than the naming rule of event types, on
 * purpose: a declaration refused for its name can still be asked about.
 *
 * @throws EventTypeNotFoundError when no entity could have the name
 */
export function parsePathName(name: string): string {
  if (!/^[A-Za-z0-9._-]{1,63}$/.test(name)) {
    throw new EventTypeNotFoundError(name.slice(0, 63));
  }
  return name;
}
