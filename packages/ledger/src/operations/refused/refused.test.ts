import fc from 'fast-check';
import {
  countRefusedEvents,
  getRefusedEvent,
  groupRefusedEvents,
  listRefusedEvents,
  pruneRefusedEvents,
  recordPoisonBatch,
  recordRefusedEvents,
  refusedFieldOf,
} from '..';
import {
  explain,
  minutes,
  provision,
  useLedger,
  uuid,
} from '../../__testUtils__/ledger';
import { RefusedEvent } from '../../types';
import { listRefusedEventsSql } from './listRefusedEvents';

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
  const batch = {
    subscription: 'refused.page.viewed.delivery',
    gateway: 'g',
    epoch: 'e',
    batch: 1,
  };

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
        field: '/data/url',
        message: 'is required',
        receivedAt: minutes(1),
        lastReceivedAt: minutes(5),
        seenCount: 3,
        writeKeyId: undefined,
        truncated: false,
        replayState: 'none',
        replayId: undefined,
      },
    ]);
  });

  it('counts a batch once however often it is delivered, and the same number of another topic too', async () => {
    for (let delivery = 0; delivery < 3; delivery++) {
      await recordRefusedEvents(ledger(), { events: [refused(1)], batch });
    }
    await recordRefusedEvents(ledger(), {
      events: [refused(1)],
      batch: { ...batch, subscription: 'refused.page.left.delivery' },
    });
    await expect(
      listRefusedEvents(ledger(), { limit: 10 }),
    ).resolves.toMatchObject([{ seenCount: 2 }]);
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
    expect(row.eventType).toHaveLength(255);
    const { refusalId } = row;
    await expect(
      getRefusedEvent(ledger(), { refusalId }),
    ).resolves.toMatchObject({ event: row.eventId });
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
    ).resolves.toEqual({
      total: 2,
      items: [
        { reason: 'missing_field', pointer: '/data/url', count: 1 },
        { reason: 'wrong_type', pointer: '/data/n', count: 1 },
      ],
    });
    const unknown = await listRefusedEvents(ledger(), {
      unknownOnly: true,
      limit: 10,
    });
    expect(unknown.map(row => row.refusalId)).toEqual([uuid(5), uuid(4)]);
    await expect(
      countRefusedEvents(ledger(), { unknownOnly: true, since: minutes(0) }),
    ).resolves.toMatchObject({ total: 2 });
  });

  it('calls a field the same as the database does', async () => {
    const token = fc.oneof(
      fc.nat().map(String),
      fc.stringMatching(/^[a-z0-9~*é😀]{0,12}$/u),
    );
    const pointers = fc.sample(
      fc.array(token, { maxLength: 60 }).map(tokens => `/${tokens.join('/')}`),
      300,
    );
    await recordRefusedEvents(ledger(), {
      events: pointers.map((pointer, n) => refused(n + 1, { pointer })),
    });
    const rows: { pointer: string; field: string }[] = await ledger()(
      'refused_events',
    ).select('pointer', 'field');
    expect(rows).toHaveLength(300);
    for (const { pointer, field } of rows) {
      expect(refusedFieldOf(pointer)).toBe(field);
    }
    expect(refusedFieldOf('/data/12/a1/3')).toBe('/data/*/a1/*');
  });

  it('finds by reason, field, id, key, time and state, each alone and together', async () => {
    await recordRefusedEvents(ledger(), {
      events: [
        refused(1, { pointer: '/data/items/0/n', writeKeyId: 'key-a' }),
        refused(2, { pointer: '/data/items/7/n', writeKeyId: 'key-b' }),
        refused(3, { reason: 'wrong_type', pointer: '/data/items/7/n' }),
        refused(4, { eventType: 'page.left', eventId: 'id-1' }),
      ],
    });
    const find = async (
      filter: Partial<Parameters<typeof listRefusedEvents>[1]>,
    ) => {
      const found = await listRefusedEvents(ledger(), { limit: 10, ...filter });
      return found.map(row => Number.parseInt(row.refusalId.slice(-4), 16));
    };
    await expect(find({ pointer: '/data/items/*/n' })).resolves.toEqual([
      3, 2, 1,
    ]);
    await expect(
      find({ reason: 'missing_field', pointer: '/data/items/99/n' }),
    ).resolves.toEqual([2, 1]);
    await expect(find({ eventId: 'id-1' })).resolves.toEqual([4, 1]);
    await expect(
      find({ eventId: 'id-1', eventType: 'page.left' }),
    ).resolves.toEqual([4]);
    await expect(find({ writeKeyId: 'key-b' })).resolves.toEqual([2]);
    await expect(
      find({ since: minutes(2), until: minutes(4) }),
    ).resolves.toEqual([3, 2]);
    await expect(find({ replayState: 'replayed' })).resolves.toEqual([]);
  });

  it('groups what is most likely one mistake', async () => {
    await recordRefusedEvents(ledger(), {
      events: [
        refused(1, { pointer: '/data/items/0/n', writeKeyId: 'key-a' }),
        refused(2, { pointer: '/data/items/7/n', writeKeyId: 'key-a' }),
        refused(2, { pointer: '/data/items/7/n', writeKeyId: 'key-a' }),
        refused(3, { pointer: '/data/items/8/n', writeKeyId: 'key-b' }),
        refused(4, { reason: 'event_too_large', pointer: undefined }),
        refused(5, { eventType: 'page.left' }),
      ],
    });
    await expect(
      groupRefusedEvents(ledger(), {
        eventType: 'page.viewed',
        since: minutes(0),
      }),
    ).resolves.toEqual({
      total: 4,
      items: [
        {
          reason: 'missing_field',
          field: '/data/items/*/n',
          count: 3,
          seenCount: 4,
          replayed: 0,
          firstSeenAt: minutes(1),
          lastSeenAt: minutes(3),
          sampleRefusalId: uuid(3),
          writeKeys: [
            expect.objectContaining({ keyId: 'key-a', count: 2 }),
            expect.objectContaining({ keyId: 'key-b', count: 1 }),
          ],
        },
        expect.objectContaining({
          reason: 'event_too_large',
          field: undefined,
          sampleRefusalId: uuid(4),
          writeKeys: [],
        }),
      ],
    });
  });

  it('is searched by indexes, whatever the filter', async () => {
    await ledger().raw(
      `INSERT INTO refused_events (refusal_id, stage, event_type, event_id,
         source, reason, pointer, message, received_at, last_received_at,
         seen_count, write_key_id, event)
       SELECT md5(n::text)::uuid, 'gateway', 'type.' || n % 50, 'id-' || n,
         '/s', 'reason-' || n % 4, '/data/' || n % 7, 'm',
         now() - n * interval '1 second', now(), 1, 'key-' || n % 20, '{}'
       FROM generate_series(1, 20000) AS s (n)`,
    );
    await ledger().raw('ANALYZE refused_events');
    const planOf = (filter: Parameters<typeof listRefusedEventsSql>[0]) => {
      const { sql, bindings } = listRefusedEventsSql(filter);
      return explain(ledger(), sql, bindings);
    };
    const before = { receivedAt: new Date(), refusalId: uuid(1) };
    const plans: [string, Promise<string>][] = [
      [
        'refused_events_group_idx',
        planOf({
          eventType: 'type.1',
          reason: 'reason-1',
          pointer: '/data/*',
          before,
          limit: 50,
        }),
      ],
      ['refused_events_event_id_idx', planOf({ eventId: 'id-77', limit: 50 })],
      [
        'refused_events_event_id_idx',
        planOf({ eventType: 'type.1', eventId: 'id-77', limit: 50 }),
      ],
      ['refused_events_type_idx', planOf({ eventType: 'type.1', limit: 50 })],
      ['refused_events_received_idx', planOf({ since: minutes(0), limit: 50 })],
      [
        'refused_events_write_key_idx',
        planOf({ writeKeyId: 'key-3', before, limit: 50 }),
      ],
    ];
    for (const [index, plan] of plans) {
      const text = await plan;
      expect(text).toContain(index);
      expect(text).not.toContain('Seq Scan');
    }
  });

  describe('are forgotten', () => {
    const day = 24 * 60;
    const kept = async () => {
      const rows = await listRefusedEvents(ledger(), { limit: 100 });
      return rows.map(row => row.refusalId).sort();
    };
    const prune = (before: Date, maxAdvanceMs: number) =>
      pruneRefusedEvents(ledger(), { before, maxAdvanceMs });

    beforeEach(() =>
      recordRefusedEvents(ledger(), {
        events: [
          refused(1, { receivedAt: minutes(0).toISOString() }),
          refused(2, { receivedAt: minutes(60).toISOString() }),
          refused(3, { receivedAt: minutes(day).toISOString() }),
        ],
      }),
    );

    it('as time goes by, and not before', async () => {
      await expect(prune(minutes(-10), 60_000)).resolves.toEqual({
        pruned: 0,
        heldBackMs: 0,
      });
      await expect(prune(minutes(10), 60 * 60_000)).resolves.toEqual({
        pruned: 1,
        heldBackMs: 0,
      });
      await expect(kept()).resolves.toEqual([uuid(2), uuid(3)]);
      await expect(prune(minutes(61), 60 * 60_000)).resolves.toMatchObject({
        pruned: 1,
      });
    });

    it('no faster than time was lived through, however far the clock jumped', async () => {
      await prune(minutes(-10), 0);
      const years = minutes(5 * 365 * day);
      await expect(prune(years, 0)).resolves.toMatchObject({ pruned: 0 });
      await expect(prune(years, 20 * 60_000)).resolves.toEqual({
        pruned: 1,
        heldBackMs: years.getTime() - minutes(10).getTime(),
      });
      await expect(kept()).resolves.toEqual([uuid(2), uuid(3)]);
      // The clock is right again.
      await expect(prune(minutes(5), 60_000)).resolves.toEqual({
        pruned: 0,
        heldBackMs: 0,
      });
    });

    it('never by the first look at a ledger', async () => {
      await expect(prune(minutes(90 * day), 0)).resolves.toMatchObject({
        pruned: 0,
      });
      await expect(kept()).resolves.toHaveLength(3);
    });

    it('except those a replay is working on', async () => {
      await ledger()('refused_events')
        .where({ refusal_id: uuid(1) })
        .update({ replay_state: 'replaying' });
      await prune(minutes(0), 0);
      await prune(minutes(2 * day), 2 * day * 60_000);
      await expect(kept()).resolves.toEqual([uuid(1)]);
    });
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
