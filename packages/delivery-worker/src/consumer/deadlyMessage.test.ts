import { ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import { listPoisonBatches } from '@millrace/ledger';
import { Bucket, topicOf } from '@millrace/schema';
import { createEstate, Estate, PROJECT_ID } from '../__testUtils__/estate';
import { batchOf } from './__testUtils__/batches';

jest.setTimeout(300_000);

const MARK = 'whoever reads this dies';
const PLANT = resolve(__dirname, '__testUtils__/dieOver.cjs');
const MILLRACE = resolve(__dirname, '../../../runtime/bin/millrace');

const eventType = 'page.viewed';
const bucket: Bucket = { start: new Date('2026-01-10T12:00:00Z'), seconds: 60 };

/*
 * The real process, killed for real: a worker as it is shipped, with a defect
 * planted from outside, started again each time it dies, as a supervisor does.
 */
describe('a message that kills the process that handles it', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let estate: Estate;
  let worker: ChildProcess | undefined;
  let deaths = 0;
  let isOver = false;

  beforeEach(async () => {
    estate = await createEstate(databases);
  });
  afterEach(async () => {
    isOver = true;
    const gone = new Promise(done => worker?.once('exit', done));
    worker?.kill('SIGKILL');
    await gone;
    await estate.close();
  });

  function keepRunning(): void {
    worker = spawn(process.execPath, ['--require', PLANT, MILLRACE, 'worker'], {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        DEADLY_MARK: MARK,
        MILLRACE_LEDGER_URL: estate.ledgerUrl,
        MILLRACE_PROJECT_ID: PROJECT_ID,
        MILLRACE_WORKER_ID: 'worker-1',
        MILLRACE_DATA_DIR: estate.root,
        MILLRACE_LAKE_ROOT: join(estate.root, 'lake'),
        MILLRACE_STAGING_DIR: estate.stagingDir,
        PUBSUB_EMULATOR_HOST: estate.brokerAddress,
        METADATA_SERVER_DETECTION: 'none',
      },
    });
    worker.once('exit', (_, signal) => {
      deaths += signal === 'SIGKILL' && !isOver ? 1 : 0;
      if (!isOver) {
        keepRunning();
      }
    });
  }

  /** A life takes seconds, and several have to pass. */
  async function atLast<T>(look: () => Promise<T>, isSo: (seen: T) => boolean) {
    const deadline = Date.now() + 240_000;
    for (;;) {
      const seen = await look();
      if (isSo(seen)) {
        return seen;
      }
      if (Date.now() > deadline) {
        throw new Error(`After ${deaths} deaths: ${JSON.stringify(seen)}`);
      }
      await new Promise(done => setTimeout(done, 100));
    }
  }

  it('is set aside after a few deaths, and all batches around it are delivered', async () => {
    await estate.provision([eventType]);
    const publish = (batch: number, data?: Buffer) => {
      const message = batchOf({ eventType, bucket, batch });
      return estate.publish(topicOf(eventType), {
        ...message,
        data: data ?? message.data,
      });
    };
    await publish(1);
    await publish(2, Buffer.from(MARK));
    await publish(3);
    keepRunning();

    const { items } = await atLast(
      () => listPoisonBatches(estate.db, { eventType, limit: 10 }),
      ({ open }) => open.length > 0,
    );
    expect(items).toMatchObject([{ reason: 'ends_the_worker', attempts: 6 }]);
    expect(deaths).toBeGreaterThanOrEqual(6);
    await publish(4);
    const staged = await atLast(
      () => estate.db('staged_batches').pluck('batch').orderBy('batch'),
      batches => batches.length === 3,
    );
    expect(staged).toEqual([1, 3, 4]);
    // Whoever wants to know what it was finds it whole.
    const [{ data }] = await estate.db('poison_batches').select('data');
    expect(data.toString()).toBe(MARK);
  });
});
