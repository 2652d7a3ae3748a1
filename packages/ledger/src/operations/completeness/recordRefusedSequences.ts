import { Knex } from 'knex';
import { RefusedEvent } from '../../types';
import {
  recordSequences,
  REFUSED_AT_GATEWAY,
  SequenceChunk,
} from './recordSequences';

const CHUNK_NUMBERS = 1024;
const MAX_NAME_LENGTH = 200;

/**
 * Records the numbers of events that the gateway refused: they have arrived and
 * are kept, so they are no gap. What cannot be read as an event has no number
 * that could be told.
 *
 * Part of the transaction that keeps the refused events.
 */
export async function recordRefusedSequences(
  tx: Knex.Transaction,
  events: RefusedEvent[],
): Promise<void> {
  const chunks = events.map(toChunk).filter(chunk => chunk !== undefined);
  await recordSequences(tx, { eventType: REFUSED_AT_GATEWAY, chunks });
}

function toChunk({
  event,
  receivedAt,
  truncated,
}: RefusedEvent): SequenceChunk | undefined {
  const { producer, epoch, sequence } = truncated ? {} : originOf(event);
  const number = typeof sequence === 'string' ? Number(sequence) : sequence;
  if (
    !isName(producer) ||
    !isName(epoch) ||
    !Number.isSafeInteger(number) ||
    Number(number) < 1
  ) {
    return undefined;
  }
  const before = Number(number) - 1;
  return {
    producer,
    epoch,
    chunk: Math.floor(before / CHUNK_NUMBERS),
    bits: `${'0'.repeat(before % CHUNK_NUMBERS)}1`,
    lowest: before + 1,
    highest: before + 1,
    firstReceivedAt: receivedAt,
    lastReceivedAt: receivedAt,
  };
}

function originOf(event: string): {
  producer?: unknown;
  epoch?: unknown;
  sequence?: unknown;
} {
  try {
    const value: unknown = JSON.parse(event);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** As the gateway wants it of an event it accepts. */
function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= MAX_NAME_LENGTH &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}
