import { invalidArgument } from '../errors';

export type ResourceKind = 'topics' | 'subscriptions' | 'snapshots';

const RESOURCE_ID = /^[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}$/;

/**
 * Checks a name against Pub/Sub's grammar, `projects/{project}/topics/{id}`:
 * the id begins with a letter, has 3 to 255 of `A-Za-z0-9-_.~+%`, and does not
 * begin with `goog`.
 *
 * @throws RpcError INVALID_ARGUMENT
 */
export function parseResourceName(
  kind: ResourceKind,
  name: string | null | undefined,
): string {
  const match = /^projects\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(name ?? '');
  const id = match?.[3] ?? '';
  if (match?.[2] !== kind || !RESOURCE_ID.test(id) || id.startsWith('goog')) {
    throw invalidArgument(
      `Invalid resource name ${JSON.stringify(
        name ?? '',
      )}: expected projects/{project}/${kind}/{id}, the id 3 to 255 characters of A-Za-z0-9-_.~+% that begin with a letter and not with goog`,
    );
  }
  return match[0];
}

/**
 * @returns the prefix of all resources of a kind in a project
 * @throws RpcError INVALID_ARGUMENT
 */
export function parseProject(
  kind: ResourceKind,
  name: string | null | undefined,
): string {
  if (!/^projects\/[^/]+$/.test(name ?? '')) {
    throw invalidArgument(
      `Invalid project name ${JSON.stringify(
        name ?? '',
      )}: expected projects/{project}`,
    );
  }
  return `${name}/${kind}/`;
}
