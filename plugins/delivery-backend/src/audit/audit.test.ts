import { TestDatabases } from '@backstage/backend-test-utils';
import { auditFindingCodes as codesOfLedger } from '@millrace/ledger';
import { auditFindingCodes } from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import { eventType } from '../__testUtils__/eventType';
import { recordFinding } from '../__testUtils__/recordFinding';
import { sealPartition } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';
import { until } from '../__testUtils__/until';

jest.setTimeout(60_000);

const BUCKET = bucketOf(new Date(Date.now() - 5 * 60_000), 60);

describe('what the auditor found', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      eventTypes: [
        eventType('github.push'),
        eventType('shop.ship', 'group:default/shop'),
        eventType('secret.plan', 'group:default/shop'),
      ],
      hidden: ['secret.plan'],
    });
  });
  afterAll(() => delivery.stop());

  it('has the same codes for the portal and for the ledger', () => {
    expect([...auditFindingCodes].sort()).toEqual([...codesOfLedger].sort());
  });

  it('is told to the owner and the platform team, once, with where and what', async () => {
    const findingId = await recordFinding(delivery.ledger, {
      eventType: 'shop.ship',
      finding: {
        code: 'file_missing',
        message: 'shop.ship/…/part-00000.parquet is gone',
        bucketStart: BUCKET.start,
      },
    });
    const toldOf = (name: string) =>
      delivery.notified.filter(({ payload }) => payload.title.includes(name));
    await until(async () => toldOf('shop.ship').length > 0);
    expect(toldOf('shop.ship')).toEqual([
      {
        recipients: {
          type: 'entity',
          entityRef: ['group:default/shop', 'group:default/platform-team'],
        },
        payload: {
          title: 'The auditor found something wrong in shop.ship',
          description: 'shop.ship/…/part-00000.parquet is gone',
          severity: 'critical',
          topic: 'delivery-audit',
          scope: `audit:${findingId}`,
          link: '/delivery/audit?eventType=shop.ship',
        },
      },
    ]);
    // Seen again by a later audit it is no news; another one is.
    await recordFinding(delivery.ledger, {
      eventType: 'shop.ship',
      finding: {
        code: 'file_missing',
        message: 'shop.ship/…/part-00000.parquet is gone',
        bucketStart: BUCKET.start,
      },
    });
    await recordFinding(delivery.ledger, { eventType: 'github.push' });
    await until(async () => toldOf('github.push').length > 0);
    expect(toldOf('shop.ship')).toHaveLength(1);
    expect(toldOf('github.push')[0].payload.severity).toBe('normal');
  });

  it('is listed to who may read the event type, until it is resolved', async () => {
    const hidden = await recordFinding(delivery.ledger, {
      eventType: 'secret.plan',
    });
    const list = async (who: 'platform' | 'developer', query = '') =>
      (await delivery.api('get', `/audit/findings${query}`, who)).body.items;
    const idsOf = (items: { findingId: string }[]) =>
      items.map(({ findingId }) => findingId);
    expect(idsOf(await list('platform'))).toContain(hidden);
    expect(idsOf(await list('developer'))).not.toContain(hidden);
    expect(await list('developer', '?eventType=secret.plan')).toEqual([]);
    expect(await list('platform', '?eventType=secret.plan')).toMatchObject([
      {
        code: 'unknown_file',
        severity: 'warning',
        state: 'open',
        seenCount: 1,
      },
    ]);

    await recordFinding(delivery.ledger, {
      eventType: 'secret.plan',
      finding: null,
    });
    expect(await list('platform', '?eventType=secret.plan')).toEqual([]);
    expect(
      await list('platform', '?eventType=secret.plan&state=resolved'),
    ).toMatchObject([{ findingId: hidden, state: 'resolved' }]);
  });

  it('is listed a page at a time', async () => {
    for (const name of ['one', 'two', 'three']) {
      await recordFinding(delivery.ledger, {
        eventType: `removed.${name}`,
        finding: { eventType: 'removed.type' },
      });
    }
    const page = async (query: string) =>
      (
        await delivery.api(
          'get',
          `/audit/findings?eventType=removed.type&limit=2${query}`,
          'platform',
        )
      ).body;
    const first = await page('');
    expect(first.items).toHaveLength(2);
    const second = await page(`&cursor=${first.nextCursor}`);
    expect(second.items).toHaveLength(1);
    expect(second.nextCursor).toBeUndefined();
    const bad = await delivery.api(
      'get',
      '/audit/findings?cursor=x',
      'platform',
    );
    expect(bad.status).toBe(400);
  });

  it('is acknowledged with a reason, by an owner, and audited', async () => {
    const findingId = await recordFinding(delivery.ledger, {
      eventType: 'github.push',
    });
    const url = `/audit/findings/${findingId}/acknowledge`;
    const bare = await delivery.api('post', url, 'owner').send({ why: ' ' });
    expect(bare.status).toBe(400);
    const { status, body } = await delivery
      .api('post', url, 'owner')
      .send({ why: 'A note of mine; it is removed tomorrow' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      findingId,
      state: 'acknowledged',
      acknowledged: {
        by: 'user:default/owner',
        why: 'A note of mine; it is removed tomorrow',
      },
    });
    expect(
      delivery.audited.filter(
        ({ eventId }) => eventId === 'audit-finding-acknowledge',
      ),
    ).toMatchObject([
      { outcome: 'fail', meta: { findingId } },
      { outcome: 'success', meta: { findingId, code: 'unknown_file' } },
    ]);
    // What is resolved needs nobody any more.
    await recordFinding(delivery.ledger, {
      eventType: 'github.push',
      finding: null,
    });
    const late = await delivery.api('post', url, 'owner').send({ why: 'late' });
    expect(late.status).toBe(404);
  });

  it('comes with how far the auditor has come', async () => {
    await sealPartition(delivery.ledger, delivery.lakeRoot, {
      eventType: 'github.push',
      bucket: BUCKET,
      delivered: 1,
      latenessMs: 1,
    });
    const { body } = await delivery.api('get', '/audit/coverage', 'developer');
    expect(body).toMatchObject({
      cycleSeconds: 7 * 24 * 60 * 60,
      livePartitions: 1,
      auditedWithinCycle: 0,
      neverAudited: 1,
      findings: { openCritical: 1, openWarnings: 0 },
    });
    const audits = await delivery.api(
      'get',
      '/event-types/github.push/audits',
      'developer',
    );
    expect(audits.body.items).toEqual([
      { bucketStart: BUCKET.start.toISOString(), revision: 1, findings: 0 },
    ]);
  });
});
