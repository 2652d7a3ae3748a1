import type {
  RefusedEventSummary,
  RefusedGroup,
  RefusedGroups,
  Replay,
  ReplayPreview,
} from '@millrace/plugin-delivery-common';

/** An event that lacks its amount. */
export function refusedEvent(
  overrides: Partial<RefusedEventSummary> = {},
): RefusedEventSummary {
  return {
    refusalId: 'r1',
    eventType: 'repository.pushed',
    eventId: 'e1',
    source: '/checkout',
    reason: 'missing_field',
    pointer: '/data/amount',
    field: '/data/amount',
    message: 'The required field amount is missing',
    receivedAt: '2026-11-21T10:52:30Z',
    lastReceivedAt: '2026-11-21T10:52:40Z',
    seenCount: 2,
    stage: 'gateway',
    writeKeyId: 'k1',
    truncated: false,
    replayState: 'none',
    ...overrides,
  };
}

export function refusedGroup(
  overrides: Partial<RefusedGroup> = {},
): RefusedGroup {
  return {
    reason: 'missing_field',
    field: '/data/amount',
    count: 1215,
    seenCount: 1300,
    replayed: 0,
    firstSeenAt: new Date(Date.now() - 3_600_000).toISOString(),
    lastSeenAt: new Date(Date.now() - 3000).toISOString(),
    writeKeys: [
      { keyId: 'k1', name: 'Checkout', producer: 'checkout', count: 1215 },
    ],
    sampleRefusalId: 'r1',
    ...overrides,
  };
}

/** Nearly all of one mistake, and a few of another. */
export function refusedGroups(
  overrides: Partial<RefusedGroups> = {},
): RefusedGroups {
  return {
    items: [
      refusedGroup(),
      refusedGroup({
        reason: 'unknown_field',
        field: '/data/colour',
        count: 25,
        seenCount: 25,
        writeKeys: [{ keyId: 'k2', count: 25 }],
      }),
    ],
    total: 1240,
    since: '2026-11-20T10:53:10.000Z',
    detail: 'full',
    ...overrides,
  };
}

export function preview(overrides: Partial<ReplayPreview> = {}): ReplayPreview {
  return {
    selected: 1215,
    hasMore: false,
    wouldBeAccepted: 1200,
    wouldBeRefused: 10,
    notReplayable: 5,
    refusedBy: [{ reason: 'wrong_type', field: '/data/paid', count: 10 }],
    notReplayableBy: [{ reason: 'truncated', count: 5 }],
    unchanged: 0,
    withoutId: 0,
    generation: 4,
    samples: [
      {
        refusalId: 'r1',
        before: '{"id":"e1","data":{"paid":true}}',
        after: '{"id":"e1","data":{"paid":true,"amount":0}}',
        outcome: { kind: 'accepted' },
      },
    ],
    ...overrides,
  };
}

export function replay(overrides: Partial<Replay> = {}): Replay {
  return {
    replayId: 'p1',
    eventType: 'repository.pushed',
    state: 'running',
    reason: 'Release 7 forgot the amount',
    fix: [{ op: 'set', pointer: '/data/amount', value: 0 }],
    selection: { reason: 'missing_field' },
    requestedBy: 'user:default/owner',
    requestedAt: '2026-11-21T10:53:00Z',
    counts: {
      selected: 3,
      waiting: 1,
      sent: 2,
      accepted: 2,
      refusedAgain: 0,
      notReplayable: 0,
      notSent: 0,
      landed: 0,
      duplicates: 0,
      inFlight: 2,
    },
    ...overrides,
  };
}
