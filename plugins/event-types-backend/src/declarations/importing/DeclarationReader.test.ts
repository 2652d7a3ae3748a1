import { mockServices } from '@backstage/backend-test-utils';
import { DeclarationReader } from './DeclarationReader';

jest.setTimeout(120_000);

/** A megabyte that takes a reader of YAML many seconds. */
const SLOW = Array.from(
  { length: 9000 },
  (_, n) => `k${n}: ${'['.repeat(50)}${']'.repeat(50)}`,
).join('\n');

describe('DeclarationReader', () => {
  it('gives up on what takes too long, while the event loop goes on', async () => {
    const reader = new DeclarationReader({
      logger: mockServices.logger.mock(),
      limits: { timeoutMs: 100, maxWaiting: 1 },
    });
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 1);
    try {
      const answer = reader.read(SLOW);
      await expect(reader.read('kind: EventType')).rejects.toThrow(
        'Too many declarations are being read',
      );
      expect(await answer).toMatchObject({
        problems: [{ code: 'yaml_too_complex', pointer: '' }],
      });
      expect(turns).toBeGreaterThan(1);
    } finally {
      clearInterval(ticking);
      await reader.stop();
    }
  });
});
