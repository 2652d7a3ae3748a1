/**
 * The address of the file that declares an event type, if a browser can open it.
 *
 * @param location - as the catalog writes it, such as `url:https://…/a.yaml`
 * @returns undefined for anything but http and https: files of the portal's
 * machine, and addresses that would run something
 */
export function locationHref(location: string): string | undefined {
  const target = location.startsWith('url:') ? location.slice(4) : '';
  if (!URL.canParse(target)) {
    return undefined;
  }
  const { protocol, href } = new URL(target);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
