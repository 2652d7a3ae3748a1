import { type protos } from '@google-cloud/pubsub';
import { invalidArgument, unimplemented } from '../errors';

/** What an update may do with the fields of a resource, in camel case. */
export interface UpdateRules<Resource> {
  resource: 'Topic' | 'Subscription' | 'Snapshot';
  mutable: readonly (keyof Resource & string)[];
  immutable: readonly (keyof Resource & string)[];
  /** Fields of Pub/Sub the broker does not serve. */
  unserved: readonly (keyof Resource & string)[];
}

/**
 * The resource after an update: the fields the mask names are taken from
 * `update` (absent there means the default), the others stay. A path may go one
 * level deep, as `retry_policy.minimum_backoff`.
 *
 * @throws RpcError INVALID_ARGUMENT for an empty mask, an unknown or immutable
 *   field; UNIMPLEMENTED for a field that is not served
 */
export function applyUpdate<Resource extends object>(
  current: Resource,
  update: Resource,
  mask: protos.google.protobuf.IFieldMask | null | undefined,
  rules: UpdateRules<Resource>,
): Resource {
  const paths = mask?.paths ?? [];
  const request = `Update${rules.resource}Request`;
  if (paths.length === 0) {
    throw invalidArgument(
      `The update_mask in the ${request} must be set, and must contain a non-empty paths list.`,
    );
  }
  let updated = current;
  for (const path of paths) {
    const [first, nested, ...deeper] = path.split('.').map(camelCase);
    const isOneOf = (
      fields: readonly (keyof Resource & string)[],
    ): keyof Resource | undefined => fields.find(field => field === first);
    if (isOneOf(rules.immutable)) {
      throw invalidArgument(
        `Invalid update_mask provided in the ${request}: the '${path}' field in the ${rules.resource} is not mutable.`,
      );
    }
    if (isOneOf(rules.unserved)) {
      throw unimplemented(`Updating ${rules.resource}.${path}`);
    }
    const field = isOneOf(rules.mutable);
    if (!field || deeper.length > 0) {
      throw invalidArgument(
        `Invalid update_mask provided in the ${request}: '${path}' is not a known ${rules.resource} field. Note that field paths must be of the form 'push_config' rather than 'pushConfig'.`,
      );
    }
    const value = nested
      ? { ...current[field], ...pick(update[field], nested) }
      : update[field];
    updated = { ...updated, [field]: value };
  }
  return updated;
}

function pick(value: unknown, key: string): object {
  const entry = Object.entries(value ?? {}).find(([name]) => name === key);
  return { [key]: entry?.[1] };
}

function camelCase(path: string): string {
  return path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
