import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ReceivedRequest, startServer } from './__testUtils__/server';
import type { JournalEntry } from './journal';
import { sendGithubWebhooks } from './sender';

interface CloudEvent {
  id: string;
  source: string;
  type: string;
  data: object;
}

const EVENT_TYPES = ['github.push', 'github.star', 'github.issues'];

/** Refuses every star, accepts the rest. */
function judge(request: ReceivedRequest) {
  const events = request.body as CloudEvent[];
  const failed = events.flatMap(({ id, type }, index) =>
    type === 'github.star'
      ? [
          {
            index,
            id,
            reason: 'missing_field',
            pointer: '/data/sender',
            message: 'Field /data/sender is required and missing',
            retriable: false,
          },
        ]
      : [],
  );
  return {
    status: failed.length === 0 ? 200 : 207,
    body: {
      status: failed.length === 0 ? 'stored' : 'partial',
      receipt: '0199f3c1-0000-7000-8000-000000000000',
      accepted: events.length - failed.length,
      refused: failed.length,
      failed,
    },
  };
}

jest.setTimeout(60_000);

describe('sendGithubWebhooks', () => {
  let dir: string;
  let journalFile: string;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    dir = await fs.mkdtemp(path.join(os.tmpdir(), 'webhooks-'));
    journalFile = path.join(dir, 'demo', 'journal.ndjson');
  });

  afterEach(async () => {
    await Promise.all(stops.splice(0).map(stop => stop()));
    await fs.rm(dir, { recursive: true });
  });

  async function gatewayWith(answer: Parameters<typeof startServer>[0]) {
    const gateway = await startServer(answer);
    stops.push(gateway.stop);
    return gateway.url;
  }

  async function readJournal(): Promise<JournalEntry[]> {
    const text = await fs.readFile(journalFile, 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
  }

  it('writes the outcome of every send into the journal, and repeats some', async () => {
    const seen: CloudEvent[] = [];
    const gatewayUrl = await gatewayWith(request => {
      expect(request.headers.authorization).toBe('Bearer mr_test');
      seen.push(...(request.body as CloudEvent[]));
      return judge(request);
    });
    const rolls = [0.9, 0.9, 0.9, 0.1, 0.5];
    let roll = 0;
    const summary = await sendGithubWebhooks({
      gatewayUrl,
      writeKey: 'mr_test',
      eventTypes: EVENT_TYPES,
      journalFile,
      rate: 2_000,
      maxEvents: 90,
      redeliveryShare: 0.2,
      random: () => {
        roll += 1;
        return rolls[roll % rolls.length];
      },
    });

    const journal = await readJournal();
    expect(journal).toHaveLength(90);
    expect(seen).toHaveLength(90);
    const keyOf = ({ id, type, source }: CloudEvent | JournalEntry) =>
      [id, type, source].join(' ');
    expect(journal.map(keyOf).sort()).toEqual(seen.map(keyOf).sort());
    for (const entry of journal) {
      expect(entry).toMatchObject(
        entry.type === 'github.star'
          ? {
              outcome: 'refused',
              reason: 'missing_field',
              pointer: '/data/sender',
            }
          : { outcome: 'accepted' },
      );
    }
    const refused = journal.filter(({ outcome }) => outcome === 'refused');
    expect(refused.length).toBeGreaterThan(0);
    expect(summary).toEqual({
      accepted: 90 - refused.length,
      refused: refused.length,
      unknown: 0,
    });

    const repeated = journal.filter(({ redelivery }) => redelivery);
    expect(repeated.length).toBeGreaterThan(5);
    expect(new Set(journal.map(({ id }) => id)).size).toBe(
      90 - repeated.length,
    );
    for (const { id } of repeated) {
      const [first, ...others] = seen.filter(event => event.id === id);
      expect(others.length).toBeGreaterThan(0);
      expect(others.map(({ data }) => data)).toEqual(
        others.map(() => first.data),
      );
    }
  });

  it('stops on the signal and says which sends have no verdict', async () => {
    const controller = new AbortController();
    const gatewayUrl = await gatewayWith(() => {
      controller.abort();
      return undefined;
    });
    const summary = await sendGithubWebhooks({
      gatewayUrl,
      writeKey: 'mr_test',
      eventTypes: EVENT_TYPES,
      journalFile,
      rate: 100,
      drainMs: 50,
      signal: controller.signal,
    });
    const journal = await readJournal();
    expect(journal.length).toBeGreaterThan(0);
    expect(summary).toEqual({
      accepted: 0,
      refused: 0,
      unknown: journal.length,
    });
    expect(journal.every(({ outcome }) => outcome === 'unknown')).toBe(true);
  });
});
