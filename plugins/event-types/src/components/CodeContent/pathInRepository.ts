/** What a shell and a YAML file take for a path and for nothing else. */
const PLAIN_PATH = /^[A-Za-z0-9_.][A-Za-z0-9_./-]*$/;

/**
 * The path of a file in its repository, as far as its address tells it: what
 * follows the branch, where GitHub and GitLab put it, and the last part otherwise.
 *
 * People run commands with it, so a path that is anything but plain is not told.
 *
 * @param location - as the catalog writes it, such as `url:https://…/a.yaml`
 */
export function pathInRepository(location: string): string | undefined {
  const colon = location.indexOf(':');
  const target = location.slice(colon + 1);
  const path = URL.canParse(target) ? new URL(target).pathname : target;
  const parts = path.split('/').filter(part => part !== '');
  const marker = parts.findIndex(part => part === 'blob' || part === 'tree');
  const found =
    marker >= 0 && parts.length > marker + 2
      ? parts.slice(marker + 2).join('/')
      : parts.at(-1) ?? '';
  return PLAIN_PATH.test(found) && !found.includes('..') ? found : undefined;
}
