const UUID_V7 =
  /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * When an epoch began, by the clock of its producer: SDKs name epochs by
 * version 7 UUIDs (RFC 9562, section 5.7). `undefined` for any other name.
 */
export function epochStartedAt(epoch: string): Date | undefined {
  const match = UUID_V7.exec(epoch);
  return match ? new Date(parseInt(match[1] + match[2], 16)) : undefined;
}
