import { unimplemented } from '../errors';

/**
 * Refuses settings that would have to be ignored.
 *
 * @throws RpcError UNIMPLEMENTED, naming the field
 */
export function refuseSettings<Resource extends object>(
  what: string,
  resource: Resource,
  fields: readonly (keyof Resource & string)[],
): void {
  for (const field of fields) {
    const value: unknown = resource[field];
    const isEmpty =
      !value ||
      (Array.isArray(value) && value.length === 0) ||
      (typeof value === 'object' && Object.keys(value).length === 0);
    if (!isEmpty) {
      throw unimplemented(`${what}.${field}`);
    }
  }
}
