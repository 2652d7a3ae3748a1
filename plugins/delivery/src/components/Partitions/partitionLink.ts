/** The query parameter that opens the panel of a partition. */
export const PARTITION_PARAM = 'partition';

/** The address of a partition, from that of its entity. */
export function partitionHref(entityHref: string, bucketStart: string): string {
  const search = new URLSearchParams({ [PARTITION_PARAM]: bucketStart });
  return `${entityHref}/delivery?${search}`;
}
