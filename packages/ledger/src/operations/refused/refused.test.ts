import {
  countRefusedEvents,
  listRefusedEvents,
  recordPoisonBatch,
  recordRefusedEvents,
} from '..';
import {
  minutes,
  provision,
  useLedger,
  uuid,
} from '../../__testUtils__/ledger';
import { RefusedEvent } from '../../types';

jest.setTimeout(60_000);

function refused(n: number, overrides: Partial<RefusedEvent> = {}) {
  return {
    refusalId: uuid(n),
    eventType: 'page.viewed',
    eventId: `id-${n}`,
    source: '/web',
    reason: 'missing_field',
    pointer: '/data/url',
    message: 'is required',
    receivedAt: minutes(n).toISOString(),
    event: '{"id":1}',
    ...overrides,
  };
}

describe('refused events', () => {
  const ledger = useLedger();
  const batch = { gateway: 'g', epoch: 'e', batch: 1 };

  it('keeps the retries of one refusal as one row that counts them', async () => {
    await recordRefusedEvents(ledger(), {
      events: [
        refused(1),
        refused(1, { receivedAt: minutes(5).toISOString() }),
        refused(2),
      ],
    });
    await recordRefusedEvents(ledger(), {
      events: [refused(1, { receivedAt: minutes(3).toISOString() })],
    });
    await expect(
      listRefusedEvents(ledger(), { eventType: 'page.viewed', limit: 10 }),
    ).resolves.toEqual([
      expect.objectContaining({ refusalId: uuid(2), seenCount: 1 }),
      {
        refusalId: uuid(1),
        stage: 'gateway',
        eventType: 'page.viewed',
        eventId: 'id-1',
        source: '/web',
        reason: 'missing_field',
        pointer: '/data/url',
        message: 'is required',
        receivedAt: minutes(1),
        lastReceivedAt: minutes(5),
        seenCount: 3,
        writeKeyId: undefined,
        event: '{"id":1}',
      },
    ]);
  });

  it('counts a batch once however often it is delivered', async () => {
    for (let delivery = 0; delivery < 3; delivery++) {
      await recordRefusedEvents(ledger(), { events: [refused(1)], batch });
    }
    await expect(
      listRefusedEvents(ledger(), { limit: 10 }),
    ).resolves.toMatchObject([{ seenCount: 1 }]);
  });

  it('keeps events with text that Postgres cannot hold', async () => {
    const hostile = 'a\u0000b\ud800c"\\{}\n,NULL';
    await recordRefusedEvents(ledger(), {
      events: [
        refused(1, {
          eventType: `${hostile}${'x'.repeat(5_000)}`,
          eventId: hostile,
          source: hostile,
          pointer: hostile,
          message: hostile,
          event: hostile,
        }),
      ],
    });
    const [row] = await listRefusedEvents(ledger(), { limit: 1 });
    expect(row.eventId).toBe('a\ufffdb\ufffdc"\\{}\n,NULL');
    expect(row.event).toBe(row.eventId);
    expect(row.eventType).toHaveLength(255);
  });

  it('pages without gaps or repeats through events of one instant', async () => {
    const receivedAt = minutes(0).toISOString();
    await recordRefusedEvents(ledger(), {
      events: [5, 1, 4, 2, 3].map(n => refused(n, { receivedAt })),
    });
    const seen: string[] = [];
    let before: { receivedAt: Date; refusalId: string } | undefined;
    for (;;) {
      const page = await listRefusedEvents(ledger(), { limit: 2, before });
      if (page.length === 0) {
        break;
      }
      seen.push(...page.map(row => row.refusalId));
      before = page[page.length - 1];
    }
    expect(seen).toEqual([5, 4, 3, 2, 1].map(uuid));
  });

  it('counts by reason and place, and tells unknown types apart', async () => {
    await provision(ledger(), { 'page.viewed': 'normal' });
    await recordRefusedEvents(ledger(), {
      events: [
        refused(1),
        refused(2),
        refused(3, { reason: 'wrong_type', pointer: '/data/n' }),
        refused(4, { eventType: 'no.such', reason: 'event_type_unknown' }),
        refused(5, { eventType: undefined, reason: 'invalid_envelope' }),
      ],
    });
    await expect(
      countRefusedEvents(ledger(), {
        eventType: 'page.viewed',
        since: minutes(2),
      }),
    ).resolves.toEqual([
      { reason: 'missing_field', pointer: '/data/url', count: 1 },
      { reason: 'wrong_type', pointer: '/data/n', count: 1 },
    ]);
    const unknown = await listRefusedEvents(ledger(), {
      unknownOnly: true,
      limit: 10,
    });
    expect(unknown.map(row => row.refusalId)).toEqual([uuid(5), uuid(4)]);
    await expect(
      countRefusedEvents(ledger(), { unknownOnly: true, since: minutes(0) }),
    ).resolves.toHaveLength(2);
  });

  it('keeps a poison message whole and once', async () => {
    const poison = {
      subscription: 'event.page.viewed.delivery',
      messageId: 'm1',
      reason: 'invalid_batch_header',
      message: 'nul \u0000 inside',
      attributes: { format: 'nul \u0000', lone: '\ud800' },
      data: Buffer.from([0, 255, 1]),
      publishedAt: minutes(0),
    };
    await recordPoisonBatch(ledger(), poison);
    await recordPoisonBatch(ledger(), poison);
    await expect(ledger()('poison_batches')).resolves.toMatchObject([
      {
        reason: 'invalid_batch_header',
        data: poison.data,
        seen_count: 2,
        attributes: { format: 'nul \ufffd', lone: '\ufffd' },
      },
    ]);
  });
});
