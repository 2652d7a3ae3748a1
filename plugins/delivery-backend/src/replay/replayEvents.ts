import {
  markReplayEventsSending,
  readUnsentReplayEvents,
  recordReplayOutcomes,
  type ReplayOutcome,
} from '@millrace/ledger';
import type { Fix } from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import type { DeliveredIds } from './DeliveredIds';
import { type EventFate, postEvents } from './postEvents';
import { mintUuidV7, prepareEvent, type PreparedEvent } from './prepareEvent';
import { findTaken, identityOf } from './taken';

/** Bounds of one request; a fix rarely makes an event larger. */
const MAX_EVENTS = 200;
const MAX_BYTES = 1024 * 1024;

/** What the events of one replay are sent with. */
export interface ReplayPass {
  ledger: Knex;
  deliveredIds: DeliveredIds;
  replayId: string;
  fencingToken: bigint;
  eventType: string;
  fix: Fix;
  writeKey: string;
  /** A gateway that is alive and runs a snapshot with the write key. */
  gatewayUrl: () => Promise<string | undefined>;
  now: () => Date;
  signal: AbortSignal;
}

/** How a pass ended. */
export type PassResult =
  | { kind: 'empty' }
  | { kind: 'progress' }
  | { kind: 'stuck'; message: string; retryAfterMs?: number };

interface ToSend {
  position: number;
  event: PreparedEvent;
}

/**
 * Brings the next events of a replay to their outcome.
 *
 * Order of steps, and what a crash after each leaves behind:
 * 1. note in the ledger what is about to be sent, with its id: nothing was sent;
 * 2. send: some may be accepted, and are sent again as the same events, which
 *    sealing knows for what they are;
 * 3. record the outcomes.
 */
export async function replayNextEvents(pass: ReplayPass): Promise<PassResult> {
  const { ledger, replayId, fencingToken } = pass;
  const unsent = await readUnsentReplayEvents(ledger, {
    replayId,
    limit: MAX_EVENTS,
  });
  if (unsent.length === 0) {
    return { kind: 'empty' };
  }
  const prepared = unsent.map(kept =>
    prepareEvent(kept, pass.fix, () => kept.mintedId ?? mintUuidV7(pass.now())),
  );
  // What may have been accepted before a crash is itself what is found.
  const taken = await findTaken(
    pass,
    prepared.filter((_event, index) => unsent[index].state === 'waiting'),
  );

  const impossible: ReplayOutcome[] = [];
  const toSend: ToSend[] = [];
  const identities = new Set<string>();
  let bytes = 0;
  for (const [index, { position }] of unsent.entries()) {
    const event = prepared[index];
    const obstacle =
      'notReplayable' in event ? event.notReplayable : taken.get(event);
    if (obstacle || 'notReplayable' in event) {
      impossible.push({
        position,
        kind: 'not-replayable',
        reason: obstacle ?? 'unreadable',
      });
      continue;
    }
    const identity = identityOf(event);
    const isFirst = identity === undefined || !identities.has(identity);
    const fits = toSend.length === 0 || bytes + event.text.length <= MAX_BYTES;
    // Another one of the same id waits until it is known what became of this.
    if (isFirst && fits) {
      identities.add(identity ?? '');
      toSend.push({ position, event });
      bytes += event.text.length;
    }
  }
  const record = (outcomes: ReplayOutcome[]) =>
    outcomes.length > 0
      ? recordReplayOutcomes(ledger, { replayId, fencingToken, outcomes })
      : undefined;
  await record(impossible);
  if (toSend.length === 0) {
    return { kind: 'progress' };
  }

  const url = await pass.gatewayUrl();
  if (!url) {
    return {
      kind: 'stuck',
      message: 'No gateway is alive that knows the write key of the replay',
    };
  }
  await markReplayEventsSending(ledger, {
    replayId,
    fencingToken,
    events: toSend.map(({ position, event }) => ({
      position,
      eventType: event.eventType ?? pass.eventType,
      eventId: event.eventId,
      eventKey: event.eventKey,
      isIdMinted: event.isIdMinted,
    })),
  });
  const sent = await send(pass, url, toSend);
  await record(sent.outcomes);
  return sent.outcomes.length > 0 || impossible.length > 0
    ? { kind: 'progress' }
    : {
        kind: 'stuck',
        message: sent.message ?? 'The gateway took none of the events for now',
        retryAfterMs: sent.retryAfterMs,
      };
}

/** Sends, in smaller parts where the gateway wants that. */
async function send(
  pass: ReplayPass,
  url: string,
  events: ToSend[],
): Promise<{
  outcomes: ReplayOutcome[];
  message?: string;
  retryAfterMs?: number;
}> {
  const { writeKey, signal } = pass;
  const result = await postEvents({
    url,
    writeKey,
    texts: events.map(({ event }) => event.text),
    signal,
  });
  switch (result.kind) {
    case 'answered':
      return {
        outcomes: result.fates.flatMap((fate, index) =>
          toOutcome(events[index], fate),
        ),
      };
    case 'retry':
      return { outcomes: [], ...result };
    default: {
      const { reason, message } = result;
      if (events.length === 1) {
        return {
          outcomes: toOutcome(events[0], { kind: 'refused', reason, message }),
        };
      }
      // One event may spoil the request for all others; alone it shows itself.
      const half = Math.ceil(events.length / 2);
      const first = await send(pass, url, events.slice(0, half));
      const second = await send(pass, url, events.slice(half));
      return { ...second, outcomes: [...first.outcomes, ...second.outcomes] };
    }
  }
}

function toOutcome(
  { position, event }: ToSend,
  fate: EventFate,
): ReplayOutcome[] {
  switch (fate.kind) {
    case 'accepted':
      return [{ position, ...fate }];
    case 'refused':
      return [
        {
          position,
          ...fate,
          isUnchanged: !event.isChanged && !event.isIdMinted,
        },
      ];
    default:
      return [];
  }
}
