import { mockServices } from '@backstage/backend-test-utils';
import { parseEventSchema } from '@millrace/schema';
import { CONTRACT, NAME, schema } from '../__testUtils__/contract';
import { ContractReader } from './ContractReader';
import type { ContractQuestion } from './contractWorker';

jest.setTimeout(120_000);

const about: Omit<ContractQuestion, 'text'> = {
  eventType: {
    name: NAME,
    owner: 'group:default/webhooks',
    tier: 'normal',
    version: 1,
    generation: 1,
    origin: 'portal',
    schema: parseEventSchema(schema).avro,
    fields: [],
    createdAt: '2026-11-21T13:00:00.000Z',
    createdBy: 'user:default/owner',
    updatedAt: '2026-11-21T13:00:00.000Z',
    updatedBy: 'user:default/owner',
  },
  facts: {
    bucketSeconds: 3600,
    latenessObjectivesMs: { critical: 900_000, normal: 3.6e6, low: 14.4e6 },
  },
};

/** A megabyte that takes a reader of YAML many seconds. */
const SLOW = Array.from(
  { length: 9000 },
  (_, n) => `k${n}: ${'['.repeat(50)}${']'.repeat(50)}`,
).join('\n');

describe('ContractReader', () => {
  const readers: ContractReader[] = [];
  function readerWith(
    limits: ConstructorParameters<typeof ContractReader>[0]['limits'],
  ) {
    const logger = mockServices.logger.mock();
    const reader = new ContractReader({ logger, limits });
    readers.push(reader);
    return { reader, logger };
  }
  afterEach(async () => {
    await Promise.all(readers.splice(0).map(reader => reader.stop()));
  });

  it('lets the event loop go on while it reads, and gives up on what takes too long', async () => {
    const { reader, logger } = readerWith({ timeoutMs: 2000 });
    // Warm, so that what follows is reading alone.
    await reader.read({ text: CONTRACT, ...about });
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 5);
    const slow = reader.read({ text: SLOW, ...about });
    // Waits behind the slow one, and is read by the worker that follows.
    const good = reader.read({ text: CONTRACT, ...about });
    expect((await slow).findings).toMatchObject([
      { code: 'too_complex', severity: 'error' },
    ]);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(10);
    expect((await good).document).toMatchObject({ domain: 'shop' });
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(logger.warn.mock.calls)).not.toContain('1,1');
  });

  it('turns away what would wait too long, and ends with the portal', async () => {
    const { reader } = readerWith({ maxWaiting: 1 });
    const first = reader.read({ text: SLOW, ...about });
    await expect(reader.read({ text: CONTRACT, ...about })).rejects.toThrow(
      /try again/,
    );
    await reader.stop();
    await expect(first).rejects.toThrow();
    await expect(reader.read({ text: CONTRACT, ...about })).rejects.toThrow(
      /try again/,
    );
  });
});
