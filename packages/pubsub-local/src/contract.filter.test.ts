import { ContractSystem, publish } from './__testUtils__/contract';

describe('filters', () => {
  let system: ContractSystem;
  beforeAll(async () => {
    system = await ContractSystem.start();
  });
  afterAll(() => system.destroy());

  it('let through what they name; the rest is acknowledged at once', async () => {
    const { topic, subscription: all } = await system.provision();
    const some = await system.subscribe(
      topic,
      { filter: 'attributes.kind = "good" AND NOT attributes:test' },
      'some',
    );
    await publish(topic, ['good'], { attributes: { kind: 'good' } });
    await publish(topic, ['bad'], { attributes: { kind: 'bad' } });
    await publish(topic, ['test'], { attributes: { kind: 'good', test: '' } });
    await publish(topic, ['plain']);
    expect(await system.backlogSize(some)).toBe(1);
    expect(await system.texts(some)).toEqual(['good']);
    expect(await system.texts(all)).toEqual(['good', 'bad', 'test', 'plain']);
  });
});
