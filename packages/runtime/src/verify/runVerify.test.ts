import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runVerify } from './runVerify';
import type { VerifyFlags } from './options';

jest.setTimeout(60_000);

const REVISION = 'shop.order_paid/dt=2026-11-21/hh=13/r0001';

/** An hour in which nothing happened: a partition without files. */
const EMPTY_HOUR = {
  formatVersion: 1,
  endpoint: 'shop.order_paid',
  eventType: 'shop.order_paid',
  bucket: {
    start: '2026-11-21T13:00:00.000Z',
    end: '2026-11-21T14:00:00.000Z',
    seconds: 3600,
  },
  revision: 1,
  why: 'first delivery',
  schemaVersion: 1,
  schemaVersions: [],
  counts: {
    accepted: 0,
    delivered: 0,
    duplicates: 0,
    refused: 0,
    conflicts: 0,
    skewed: 0,
  },
  files: [],
  sealedAt: '2026-11-21T14:00:02.000Z',
  decision: {},
  inputs: { batches: 0, digest: 'a'.repeat(64) },
};

describe('millrace verify', () => {
  let lake: string;
  let printed: string[];
  let noted: string[];

  beforeEach(async () => {
    lake = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-verify-test-'));
    printed = [];
    noted = [];
  });
  afterEach(() => fs.rm(lake, { recursive: true }));

  const run = (
    folder: string | undefined,
    flags: VerifyFlags = {},
    env: NodeJS.ProcessEnv = {},
  ) =>
    runVerify(folder, flags, env, {
      print: line => printed.push(line),
      note: line => noted.push(line),
    });
  const write = async (name: string, content: string) => {
    const file = path.join(lake, REVISION, name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, content);
  };

  it('ends with 0 and says so when everything is as it was sealed', async () => {
    await write('manifest.json', JSON.stringify(EMPTY_HOUR));
    expect(await run(lake)).toBe(0);
    expect(printed.at(-1)).toBe('✔ Everything is as it was sealed');
    expect(printed.at(-2)).toMatch(/^1 event type, 1 partition, 0 rows/);
    expect(noted).toEqual(['shop.order_paid: 1 of 1 partitions']);
  });

  it('ends with 1 with findings, says which, and gives all of them as JSON', async () => {
    await write(
      'manifest.json',
      JSON.stringify({ ...EMPTY_HOUR, revision: 2 }),
    );
    await write('evil\u001b[2J.parquet', 'x');
    expect(await run(lake)).toBe(1);
    expect(printed.join('\n')).toContain('manifest_misplaced (1 finding)');
    expect(printed.join('\n')).not.toContain('\u001b');
    printed = [];
    expect(await run(lake, { json: true })).toBe(1);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(printed[0])).toMatchObject({
      ok: false,
      withLedger: false,
      revisions: 1,
      findings: expect.arrayContaining([
        expect.objectContaining({
          code: 'manifest_misplaced',
          eventType: 'shop.order_paid',
          bucketStart: '2026-11-21T13:00:00.000Z',
        }),
        expect.objectContaining({ code: 'unknown_file' }),
      ]),
    });
  });

  it('ends with 2 when there is nothing it could verify', async () => {
    expect(await run(undefined)).toBe(2);
    expect(await run(path.join(lake, 'nowhere'))).toBe(2);
    // No lake: the folder is empty, or is one of something else.
    expect(await run(lake)).toBe(2);
    await fs.writeFile(path.join(lake, 'letter.txt'), 'Dear Sir');
    expect(await run(lake)).toBe(2);
    expect(await run(lake, { ledger: true })).toBe(2);
    expect(await run(lake, { types: ' , ' })).toBe(2);
    expect(printed).toEqual([]);
    expect(noted).toHaveLength(6);
  });

  it('ends with 2, and not with 1, when the ledger cannot be reached', async () => {
    await write('manifest.json', JSON.stringify(EMPTY_HOUR));
    const secret = 'hunter2';
    const MILLRACE_LEDGER_URL = `postgresql://u:${secret}@127.0.0.1:1/ledger`;
    expect(await run(lake, { ledger: true }, { MILLRACE_LEDGER_URL })).toBe(2);
    expect(noted.join()).toContain('could not be verified');
    expect(noted.join()).not.toContain(secret);
  });
});
