import { execFileSync } from 'node:child_process';
import { nodeFlags } from './nodeFlags';

describe('nodeFlags', () => {
  it('is understood by this Node', () => {
    const run = () =>
      execFileSync(process.execPath, [...nodeFlags(), '-p', '6 * 7']);

    expect(run().toString().trim()).toBe('42');
  });

  it('leaves out what an older Node does not know', () => {
    expect(nodeFlags('22.12.0')).toEqual([
      '--concurrent-marking-max-worker-num=1',
    ]);
  });
});
