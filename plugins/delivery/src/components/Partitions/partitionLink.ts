/** The query parameter that opens the panel of a partition. */
export const PARTITION_PARAM = 'partition';

/** The query parameter that names an older revision of that partition. */
export const REVISION_PARAM = 'revision';

/** The address of a partition, from that of its entity. */
export function partitionHref(
  entityHref: string,
  bucketStart: string,
  revision?: number,
): string {
  const search = new URLSearchParams({ [PARTITION_PARAM]: bucketStart });
  if (revision !== undefined) {
    search.set(REVISION_PARAM, String(revision));
  }
  return `${entityHref}/delivery?${search}`;
}

/** The same, keeping what else the address says, such as the day that is shown. */
export function openPartitionHref(
  search: URLSearchParams,
  bucketStart: string,
): string {
  const next = new URLSearchParams(search);
  next.set(PARTITION_PARAM, bucketStart);
  next.delete(REVISION_PARAM);
  return `?${next}`;
}
