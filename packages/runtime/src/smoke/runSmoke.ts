import fs from 'node:fs/promises';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UsageError } from '../errors';
import { demoJournal } from '../up/demo';
import { Installation, startInstallation } from '../up/installation';
import type { UpOptions } from '../up/options';
import type { PortalApi } from '../up/portalApi';
import { isAlive, waitFor } from '../up/processes';
import { progress } from '../up/progress';
import { listenForStop, stopped, StoppedError } from '../up/stopSignal';

const exec = promisify(execFile);

const WANTED_EVENT_TYPES = 20;
const SEAL_LIMIT_MS = 10 * 60_000;
const DRAIN_LIMIT_MS = 5 * 60_000;
const POLL_MS = 1000;

/** What the independent oracle found. */
interface OracleReport {
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  lost: number;
  problems: string[];
}

interface OverviewRow {
  eventType: string;
  /** Newest first. */
  recent: { state: string; bucketEnd: string }[];
  last24h: { delivered: number; duplicates: number };
  lateness?: { p99Ms: number };
}

/**
 * Proves on this machine that Millrace works: starts everything in a directory
 * of its own, sends the demo's events until 20 event types each have a sealed
 * partition, stops sending, waits until nothing is in flight, and lets the
 * oracle compare the client's journal with the files.
 *
 * Prints one JSON line. Exit code 0 only when nothing was lost.
 */
export async function runSmoke(options: UpOptions): Promise<number> {
  const signal = listenForStop();
  let installation: Installation | undefined;
  const pids = new Set<number>();
  try {
    installation = await startInstallation(options, signal);
    const secondsToReady = (Date.now() - options.startedAt.getTime()) / 1000;
    const { api, demo } = installation;
    const { processes } = await api.deliveryStatus();
    processes.forEach(({ pid }) => pid && pids.add(pid));

    const outcome = await Promise.race([
      collect(api, async () => demo?.stop(DRAIN_LIMIT_MS)),
      stopped(signal).then(() => undefined),
      installation.failed.then(name => {
        throw new UsageError(
          'smoke_failed',
          `The ${name} ended by itself.`,
          `Read ${options.dataDir}/logs/${name}.log.`,
        );
      }),
    ]);
    if (!outcome) return 130;
    const report = await progress('Checking every event with the oracle', () =>
      askOracle(options, api),
    );
    await progress('Stopping', () => installation!.stop());
    const leftBehind = (
      await Promise.all([...pids].map(pid => isAlive(pid, 'millrace')))
    ).filter(Boolean).length;

    const figures = {
      eventTypes: outcome.eventTypes,
      accepted: report.accepted,
      delivered: report.delivered,
      duplicates: report.duplicates,
      refused: report.refused,
      lost: report.lost,
      lateSealP99Ms: outcome.lateSealP99Ms,
      secondsToReady: Number(secondsToReady.toFixed(1)),
      processesLeft: leftBehind,
    };
    const bars = { eventTypes: WANTED_EVENT_TYPES, lost: 0, processesLeft: 0 };
    const pass =
      report.problems.length === 0 &&
      figures.eventTypes >= bars.eventTypes &&
      figures.lost === bars.lost &&
      figures.processesLeft === bars.processesLeft;
    report.problems.forEach(problem => process.stderr.write(`✖ ${problem}\n`));
    if (pass) {
      await fs.rm(options.dataDir, { recursive: true, force: true });
    } else {
      process.stderr.write(`State kept for a look: ${options.dataDir}\n`);
    }
    process.stdout.write(
      `${JSON.stringify({ name: 'smoke', pass, figures, bars })}\n`,
    );
    return pass ? 0 : 1;
  } catch (error) {
    if (error instanceof StoppedError) return 130;
    throw error;
  } finally {
    await installation?.stop();
  }
}

async function collect(api: PortalApi, stopSending: () => Promise<void>) {
  const overview = async () =>
    (await api.get<{ items: OverviewRow[] }>('/api/delivery/overview')).items;
  const sealedTypes = (rows: OverviewRow[]) =>
    rows.filter(({ last24h }) => last24h.delivered > 0).length;

  await progress(
    `Sending GitHub events until ${WANTED_EVENT_TYPES} event types have a sealed partition`,
    () =>
      must('sealed partitions of 20 event types', SEAL_LIMIT_MS, async () =>
        sealedTypes(await overview()) >= WANTED_EVENT_TYPES ? true : undefined,
      ),
  );
  await progress('Waiting until nothing is in flight', async () => {
    await stopSending();
    const stoppedAt = new Date().toISOString();
    // A sealed partition that ends after the last event proves that every
    // earlier batch of its type has arrived: that is the closing rule.
    await must('the last partitions to be sealed', DRAIN_LIMIT_MS, async () =>
      (
        await overview()
      ).every(({ recent }) =>
        recent.some(
          ({ state, bucketEnd }) => state === 'sealed' && bucketEnd > stoppedAt,
        ),
      )
        ? true
        : undefined,
    );
  });
  const rows = await overview();
  return {
    eventTypes: sealedTypes(rows),
    lateSealP99Ms: Math.max(
      0,
      ...rows.map(({ lateness }) => lateness?.p99Ms ?? 0),
    ),
  };
}

async function must(
  what: string,
  limitMs: number,
  condition: () => Promise<true | undefined>,
): Promise<void> {
  if (!(await waitFor(condition, { limitMs, pollMs: POLL_MS }))) {
    throw new UsageError(
      'smoke_failed',
      `Waited ${limitMs / 1000} s in vain for ${what}.`,
      'Read the logs in the data directory.',
    );
  }
}

/** Runs the oracle as a program of its own: it shares no code with Millrace. */
async function askOracle(
  options: UpOptions,
  api: PortalApi,
): Promise<OracleReport> {
  const refusedFile = path.join(options.dataDir, 'demo', 'refused.json');
  const refused: unknown[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      limit: '500',
      ...(cursor && { cursor }),
    });
    const page = await api.get<{ items: unknown[]; nextCursor?: string }>(
      `/api/delivery/refused?${query}`,
    );
    refused.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  await fs.writeFile(refusedFile, JSON.stringify(refused));
  const { stdout } = await exec(
    process.execPath,
    [
      path.join(options.root, 'scripts/oracle/main.mjs'),
      '--journal',
      demoJournal(options),
      '--lake',
      path.join(options.dataDir, 'lake'),
      '--refused',
      refusedFile,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout);
}
