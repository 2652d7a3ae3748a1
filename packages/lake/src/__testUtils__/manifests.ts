import { Manifest } from '../manifest';

/** The manifest of one delivered event, but for its files. */
export function manifestWithoutFiles(
  overrides: Partial<Manifest> = {},
): Omit<Manifest, 'files'> {
  return {
    formatVersion: 1,
    endpoint: 'shop.order_placed',
    eventType: 'shop.order_placed',
    bucket: {
      start: '2026-11-21T13:00:00.000Z',
      end: '2026-11-21T14:00:00.000Z',
      seconds: 3600,
    },
    revision: 1,
    why: 'first delivery',
    schemaVersion: 1,
    schemaVersions: [1],
    counts: {
      accepted: 1,
      delivered: 1,
      duplicates: 0,
      refused: 0,
      conflicts: 0,
      skewed: 0,
    },
    sealedAt: '2026-11-21T14:00:02.000Z',
    decision: { verdict: 'closed' },
    inputs: { batches: 1, digest: 'a'.repeat(64) },
    ...overrides,
  };
}
