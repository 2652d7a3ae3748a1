import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProducer, Producer, Verdict } from '@millrace/sdk';
import { payloadCheck } from './eventTypes';
import { Journal, JournalEntry, openJournal } from './journal';
import { cyclePayloads, Payload } from './payloads';

/** What to send, where to, and how fast. */
export interface SendOptions {
  gatewayUrl: string;
  writeKey: string;
  /** Event types to send; those without example payloads are left out. */
  eventTypes: readonly string[];
  /** NDJSON file to which the outcome of every send is appended. */
  journalFile: string;
  /** Events per second. Default: 20. */
  rate?: number;
  /** Stop after so many events. Default: go on until the signal. */
  maxEvents?: number;
  /** CloudEvents source. Default: `/examples/github-webhooks`. */
  source?: string;
  /** Share of sends that repeat an earlier event. Default: 0.02. */
  redeliveryShare?: number;
  /** How long to wait at the end for verdicts still missing. Default: 10 s. */
  drainMs?: number;
  signal?: AbortSignal;
  /** Numbers from 0 to 1 for choosing what to repeat. */
  random?: () => number;
}

/** How many sends had which outcome. */
export interface SendSummary {
  accepted: number;
  refused: number;
  unknown: number;
}

interface SentEvent {
  id: string;
  type: string;
  data: object;
  time: string;
}

const DEFAULT_RATE = 20;
const DEFAULT_SOURCE = '/examples/github-webhooks';
const DEFAULT_REDELIVERY_SHARE = 0.02;

/** How many past events a re-delivery is chosen from. */
const REMEMBERED_EVENTS = 500;

/** Sends without a verdict before the sender waits: memory stays bounded. */
const MAX_PENDING = 2_000;

const DEFAULT_DRAIN_MS = 10_000;

/**
 * Sends real webhook payloads until the signal or the given number of events.
 * Each gets a fresh id, except that now and then an earlier event is sent once
 * more, unchanged: GitHub's "redeliver" does that, and delivery must remove it.
 */
export async function sendGithubWebhooks(
  options: SendOptions,
): Promise<SendSummary> {
  const {
    rate = DEFAULT_RATE,
    maxEvents = Infinity,
    source = DEFAULT_SOURCE,
    redeliveryShare = DEFAULT_REDELIVERY_SHARE,
    drainMs = DEFAULT_DRAIN_MS,
    random = Math.random,
    signal,
  } = options;
  const { gatewayUrl, writeKey } = options;
  const payloads = cyclePayloads(new Set(options.eventTypes), payloadCheck());
  const journal = await openJournal(options.journalFile);
  const sender = createProducer({
    gatewayUrl,
    writeKey,
    source,
  });
  const tracker = trackOutcomes(sender, journal, source);
  const sent: SentEvent[] = [];

  const isOver = () => signal?.aborted || tracker.isBroken();
  const startedAt = performance.now();
  for (let count = 0; count < maxEvents && !isOver(); count += 1) {
    // Due times are counted from the start, so a slow moment is caught up.
    const dueInMs = startedAt + (count / rate) * 1000 - performance.now();
    await pause(dueInMs, signal);
    while (tracker.pending() >= MAX_PENDING && !isOver()) {
      await pause(10, signal);
    }
    if (isOver()) {
      break;
    }
    const isRedelivery = sent.length > 0 && random() < redeliveryShare;
    const event = isRedelivery
      ? sent[Math.floor(random() * sent.length)]
      : newEvent(payloads.next().value);
    tracker.send(event, isRedelivery);
    if (!isRedelivery) {
      sent.push(event);
      if (sent.length > REMEMBERED_EVENTS) {
        sent.shift();
      }
    }
  }
  return tracker.finish(drainMs);
}

function newEvent(payload: Payload): SentEvent {
  return {
    id: randomUUID(),
    type: payload.eventType,
    data: payload.data,
    time: new Date().toISOString(),
  };
}

async function pause(ms: number, signal: AbortSignal | undefined) {
  if (ms > 0) {
    await sleep(ms, undefined, { signal }).catch(error => {
      if (!signal?.aborted) {
        throw error;
      }
    });
  }
}

/** Follows every send to its outcome and writes each into the journal once. */
function trackOutcomes(sender: Producer, journal: Journal, source: string) {
  const summary: SendSummary = { accepted: 0, refused: 0, unknown: 0 };
  const pending = new Set<Promise<void>>();
  let broken = false;

  async function follow(event: SentEvent, redelivery: boolean) {
    const outcome = await sender.send(event).then(toOutcome, () => ({
      outcome: 'unknown' as const,
    }));
    summary[outcome.outcome] += 1;
    const { id, type } = event;
    const at = new Date().toISOString();
    journal.append({ at, id, source, type, ...outcome, redelivery });
  }

  return {
    pending: () => pending.size,
    /** Whether the journal can no longer be written. */
    isBroken: () => broken,
    send(event: SentEvent, redelivery: boolean) {
      const followed = follow(event, redelivery);
      pending.add(followed);
      followed.then(
        () => pending.delete(followed),
        // Stays pending: `finish` waits for it and throws its error.
        () => {
          broken = true;
        },
      );
    },
    async finish(timeoutMs: number): Promise<SendSummary> {
      // Rejects every send that still has no verdict when the time is over.
      await sender.close({ timeoutMs });
      await Promise.all(pending);
      await journal.close();
      return summary;
    },
  };
}

function toOutcome(
  verdict: Verdict,
): Pick<JournalEntry, 'outcome' | 'reason' | 'pointer'> {
  return verdict.status === 'accepted'
    ? { outcome: 'accepted' }
    : {
        outcome: 'refused',
        reason: verdict.reason,
        pointer: verdict.pointer,
      };
}
