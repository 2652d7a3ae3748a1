import { status } from '@grpc/grpc-js';
import { ContractSystem, publish, until } from './__testUtils__/contract';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Seek, snapshots, and how long messages and subscriptions are kept. */
describe('replay and retention', () => {
  let system: ContractSystem;
  beforeAll(async () => {
    system = await ContractSystem.start();
  });
  afterAll(() => system.destroy());

  const now = () => new Date(system.clock.wallMs());
  const acknowledgeAll = async (subscription: { name: string }) =>
    system.acknowledge(subscription, ...(await system.pull(subscription)));

  it('seek back brings again what was acknowledged, where it is retained', async () => {
    const { topic, subscription } = await system.provision({
      retainAckedMessages: true,
    });
    await publish(topic, ['old']);
    system.clock.advance(60_000);
    const middle = now();
    system.clock.advance(60_000);
    await publish(topic, ['new']);
    await acknowledgeAll(subscription);
    await subscription.seek(middle);
    expect(await system.texts(subscription)).toEqual(['new']);
    await subscription.seek(new Date(0));
    expect(await system.texts(subscription)).toEqual(['old', 'new']);
    await system.close();
    await system.open();
    expect(await system.texts(subscription)).toEqual(['old', 'new']);
  });

  it('seek back brings nothing again where nothing is retained', async () => {
    const { topic, subscription } = await system.provision();
    await publish(topic, ['gone', 'here']);
    const [gone] = await system.pull(subscription);
    await system.acknowledge(subscription, gone);
    await subscription.seek(new Date(0));
    expect(await system.texts(subscription)).toEqual(['here']);
  });

  it('seek forward acknowledges, and what comes after is delivered', async () => {
    const { topic, subscription } = await system.provision();
    await publish(topic, ['skipped']);
    const [leased] = await system.pull(subscription);
    system.clock.advance(2_000);
    await subscription.seek(now());
    expect(await system.backlogSize(subscription)).toBe(0);
    await publish(topic, ['next']);
    await system.acknowledge(subscription, leased);
    expect(await system.texts(subscription)).toEqual(['next']);
  });

  it('ack ids from before a seek do nothing', async () => {
    const { topic, subscription } = await system.provision({
      retainAckedMessages: true,
    });
    await publish(topic, ['x']);
    const [before] = await system.pull(subscription);
    await subscription.seek(new Date(0));
    await system.acknowledge(subscription, before);
    expect(await system.texts(subscription)).toEqual(['x']);
  });

  it('the retention of a topic lets a later subscription look back', async () => {
    const topic = await system.topic();
    await topic.setMetadata({ messageRetentionDuration: { seconds: 3600 } });
    await publish(topic, ['before'], { attributes: { kind: 'good' } });
    await publish(topic, ['filtered']);
    const subscription = await system.subscribe(topic, {
      filter: 'attributes.kind = "good"',
    });
    expect(await system.texts(subscription)).toEqual([]);
    await subscription.seek(new Date(0));
    expect(await system.texts(subscription)).toEqual(['before']);
    await acknowledgeAll(subscription);

    system.clock.leap(2 * HOUR_MS);
    const late = await system.subscribe(topic, {}, 'late');
    await until(async () => {
      await late.seek(new Date(0));
      return (await system.backlogSize(late)) === 0;
    });
  });

  it('a snapshot keeps the backlog and what follows, for this subscription and others', async () => {
    const { topic, subscription } = await system.provision();
    const other = await system.subscribe(topic, {}, 'other');
    await publish(topic, ['acked', 'pending']);
    const [acked] = await system.pull(subscription);
    await system.acknowledge(subscription, acked);
    const [snapshot] = await subscription.createSnapshot('moment');
    await publish(topic, ['later']);
    system.clock.advance(10_000);
    await acknowledgeAll(subscription);
    await acknowledgeAll(other);
    expect(await system.texts(subscription)).toEqual([]);

    await system.close();
    await system.open();
    for (const { name } of [subscription, other]) {
      await system.pubsub.subscription(name).seek('moment');
      expect(await system.texts({ name })).toEqual(['pending', 'later']);
    }
    const [found] = await system.raw.getSnapshot({ snapshot: snapshot.name });
    expect(found).toMatchObject({
      topic: topic.name,
      expireTime: { seconds: expect.any(String) },
    });
  });

  it('snapshots are listed, changed, refused and deleted', async () => {
    const { topic, subscription } = await system.provision();
    const { raw } = system;
    const [{ name }] = await subscription.createSnapshot('listed');
    await expect(subscription.createSnapshot('listed')).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
    });
    const [all] = await raw.listSnapshots({
      project: `projects/${system.projectId}`,
    });
    expect(all.map(each => each.name)).toContain(name);
    const [changed] = await raw.updateSnapshot({
      snapshot: { name, labels: { a: 'b' } },
      updateMask: { paths: ['labels'] },
    });
    expect(changed.labels).toEqual({ a: 'b' });
    await expect(
      raw.updateSnapshot({
        snapshot: { name, topic: topic.name },
        updateMask: { paths: ['topic'] },
      }),
    ).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });

    const stranger = await system.provision();
    await expect(stranger.subscription.seek('listed')).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
    });
    await expect(subscription.seek('nothing')).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
    await subscription.snapshot('listed').delete();
    await expect(raw.getSnapshot({ snapshot: name })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });

  it('a snapshot lives as long as its oldest message may, and at least an hour', async () => {
    const { topic, subscription } = await system.provision({
      messageRetentionDuration: { seconds: 31 * 86_400 },
      expirationPolicy: {},
    });
    await publish(topic, ['old']);
    system.clock.leap(6 * DAY_MS);
    await subscription.createSnapshot('short');
    system.clock.leap(DAY_MS - HOUR_MS + 1);
    await expect(subscription.createSnapshot('never')).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
    });
    system.clock.leap(2 * HOUR_MS);
    await until(async () => {
      const [snapshots] = await system.pubsub.getSnapshots();
      return !snapshots.some(({ name }) => name.endsWith('/short'));
    });
    await expect(subscription.seek('short')).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });

  it('a subscription nobody uses expires, one in use or without a policy does not', async () => {
    const expiring = { expirationPolicy: { ttl: { seconds: 86_400 } } };
    const { subscription: unused } = await system.provision(expiring);
    const { subscription: used } = await system.provision(expiring);
    const { subscription: eternal } = await system.provision({
      expirationPolicy: {},
    });
    const stream = system.stream(used);
    await stream.next();
    system.clock.leap(DAY_MS + HOUR_MS);
    await until(async () => !(await unused.exists())[0]);
    await expect(used.exists()).resolves.toEqual([true]);
    await expect(eternal.exists()).resolves.toEqual([true]);
    stream.end();
  });
});
