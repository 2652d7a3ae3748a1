import { invalidArgument } from '../errors';

const DEFAULT_PAGE_SIZE = 1000;

/**
 * One page of a list ordered by name. The page token is the last name of the
 * page before, so pages stay right while resources come and go.
 *
 * @throws RpcError INVALID_ARGUMENT for a negative page size
 */
export function pageOf<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  request: { pageSize?: number | null; pageToken?: string | null },
): { items: T[]; nextPageToken: string } {
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  if (pageSize < 0) {
    throw invalidArgument('page_size must not be negative');
  }
  const after = Buffer.from(request.pageToken ?? '', 'base64url').toString();
  const rest = items
    .filter(item => nameOf(item) > after)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  return {
    items: page,
    nextPageToken:
      last !== undefined && page.length < rest.length
        ? Buffer.from(nameOf(last)).toString('base64url')
        : '',
  };
}
