import { nodeProcessProbe } from './processProbe';

const { judge, self } = nodeProcessProbe;

// What is not Linux has no start times; there the heartbeat decides.
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('nodeProcessProbe', () => {
  it('knows this process as alive', async () => {
    expect(await judge(await self())).toBe('alive');
  });

  it('is not misled by a process id that is in use again', async () => {
    const claimant = { ...(await self()), startedAt: '1' };
    expect(await judge(claimant)).toBe('dead');
  });

  it('knows that a process of an earlier boot has ended', async () => {
    const claimant = { ...(await self()), machine: 'm', boot: 'b' };
    expect(await judge(claimant)).toBe('unknown');
    const here = { ...(await self()), boot: 'earlier' };
    // Where a machine has no id of its own it is told by its boot.
    expect(['dead', 'unknown']).toContain(await judge(here));
  });

  it.each([
    ['another process namespace', { pidNamespace: 'pid:[1]' }],
    ['another machine', { machine: 'other' }],
  ])('does not judge a process of %s', async (_, difference) => {
    expect(await judge({ ...(await self()), ...difference })).toBe('unknown');
  });

  it.each([undefined, null, 'text', {}, { pid: 'one' }])(
    'does not judge what it cannot read: %j',
    async claimant => {
      expect(await judge(claimant)).toBe('unknown');
    },
  );
});
