import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  createEstate,
  Estate,
  eventually,
  PROJECT_ID,
  silent,
} from '../__testUtils__/estate';
import { startWorker, WorkerOptions } from '../worker';

jest.setTimeout(60_000);

describe('a worker', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let estate: Estate;
  // No look-up of credentials on the network, which takes as long as it likes.
  beforeAll(() => {
    process.env.METADATA_SERVER_DETECTION = 'none';
  });
  afterAll(() => {
    delete process.env.METADATA_SERVER_DETECTION;
  });
  beforeEach(async () => {
    estate = await createEstate(databases);
  });
  afterEach(() => estate.close());

  const sinks = () => estate.db('sinks').pluck('sink');
  const heartbeats = async () => (await estate.db('workers')).length;

  it.each<[string, Partial<WorkerOptions>, string[]]>([
    ['runs no sink unless it is told to', {}, []],
    [
      'runs BigQuery as a sink when it is told to',
      { bigQuery: { dataset: 'events', location: 'EU' } },
      ['bigquery'],
    ],
  ])('%s', async (_, options, expected) => {
    const worker = await startWorker({
      workerId: 'worker-1',
      projectId: PROJECT_ID,
      emulatorHost: estate.brokerAddress,
      ledger: estate.ledger,
      lakeRoot: 'gs://lake/events',
      stagingDir: join(estate.root, 'staging'),
      logger: silent,
      ...options,
    });
    try {
      await eventually(heartbeats, count => count > 0);
      await eventually(sinks, names => names.length === expected.length);
      expect(await sinks()).toEqual(expected);
    } finally {
      await worker.stop();
    }
  });
});
