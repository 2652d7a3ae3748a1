import {
  countOpenFindings,
  listAllWaitingBuckets,
  listConsumers,
  listGateways,
  listLatePartitions,
  listOpenPoison,
  listSealingPartitions,
  listTypeStandings,
  listWorkers,
  readNewestGeneration,
} from '@millrace/ledger';
import type {
  DeliveryOperations,
  EventTypeStanding,
  ProcessState,
} from '@millrace/plugin-delivery-common';
import type { LatenessObjectivesMs } from '@millrace/schema';
import type { Knex } from 'knex';
import type { Reconciler } from '../reconciler';
import { findAttention } from './findAttention';
import { readRevisions } from './readRevisions';
import {
  toLate,
  toPoison,
  toProcesses,
  toSealing,
  toStanding,
  toWaiting,
} from './toLines';

/** Gateways and workers without a heartbeat for longer are history. */
const ACTIVE_SINCE_MS = 60 * 60_000;

/** Of what was sealed late, and of operations that ended. */
const RECENT_MS = 24 * 60 * 60_000;

const MAX_ATTENTION = 100;
/** So many are read to find what needs a person. */
const MAX_READ = 2_000;
/** So many of each list are given. */
const MAX_LISTED = 100;

/** Whose what the caller may see. */
export interface OperationsQuery {
  /** Event types the caller may see; `undefined` is all there ever were. */
  eventTypes?: string[];
  /** Whose messages that were set aside may be seen; `undefined` is all. */
  poisonOf?: string[];
  mayRetry: (eventType: string) => boolean;
  /** Part of the name of an event type. */
  search?: string;
  offset: number;
  limit: number;
}

/** Options of {@link OperationsReader}. */
export interface OperationsReaderOptions {
  ledger: Knex;
  reconciler: Pick<Reconciler, 'status'>;
  /** The supervised processes; `undefined` in external mode. */
  processes?: () => ProcessState[];
  latenessObjectivesMs: LatenessObjectivesMs;
}

/**
 * Reads how delivery stands, for who runs it. The statements are as many
 * whatever the number of event types. It checks no permissions: what may be seen
 * is what the caller asks for.
 *
 * Ages are counted by the ledger's clock, by which leases and decisions are
 * written, and not by that of this machine.
 */
export class OperationsReader {
  readonly #options: OperationsReaderOptions;

  constructor(options: OperationsReaderOptions) {
    this.#options = options;
  }

  async read(query: OperationsQuery): Promise<DeliveryOperations> {
    const { ledger, reconciler, processes: supervised } = this.#options;
    const objectivesMs = this.#options.latenessObjectivesMs;
    const { eventTypes, poisonOf } = query;
    const newest = await readNewestGeneration(ledger);
    const now = newest.readAt;
    const ago = (ms: number) => new Date(now.getTime() - ms);
    const [
      gateways,
      workers,
      consumers,
      standings,
      waiting,
      sealing,
      poison,
      late,
      auditFindings,
      revisions,
    ] = await Promise.all([
      listGateways(ledger, { activeSince: ago(ACTIVE_SINCE_MS) }),
      listWorkers(ledger, { activeSince: ago(ACTIVE_SINCE_MS) }),
      listConsumers(ledger),
      listTypeStandings(ledger, { eventTypes }),
      listAllWaitingBuckets(ledger, { eventTypes, limit: MAX_READ }),
      listSealingPartitions(ledger, { eventTypes, limit: MAX_READ }),
      listOpenPoison(ledger, { eventTypes: poisonOf, limit: MAX_LISTED }),
      listLatePartitions(ledger, {
        eventTypes,
        since: ago(RECENT_MS),
        objectivesMs,
        limit: MAX_LISTED,
      }),
      countOpenFindings(ledger, { eventTypes }),
      readRevisions(ledger, { eventTypes, endedSince: ago(RECENT_MS) }),
    ]);
    const facts = {
      now,
      objectivesMs,
      processes: toProcesses({ gateways, workers, consumers, newest }),
      supervised: supervised?.() ?? [],
      reconciler: reconciler.status(),
      snapshotAt: newest.createdAt,
      eventTypes: standings.map(record => toStanding(record, now)),
      waiting: waiting.items.map(record =>
        toWaiting(record, now, objectivesMs),
      ),
      sealing: sealing.items.map(toSealing),
      poison: poison.byType,
      auditFindings,
      revisions,
    };
    const attention = findAttention(facts);
    return {
      readAt: now.toISOString(),
      generation: newest.generation,
      attention: counted(attention, MAX_ATTENTION),
      eventTypes: pageOf(facts.eventTypes, query),
      processes: facts.processes,
      waiting: {
        items: facts.waiting.slice(0, MAX_LISTED),
        total: waiting.total,
      },
      sealing: {
        items: facts.sealing.slice(0, MAX_LISTED),
        total: sealing.total,
      },
      poison: {
        items: poison.items.map(item => toPoison(item, query.mayRetry)),
        total: poison.byType.reduce((sum, { count }) => sum + count, 0),
        scope: scopeOf(poisonOf),
      },
      late: {
        items: late.items.map(record => toLate(record, objectivesMs)),
        total: late.total,
      },
      revisions: revisions.slice(0, MAX_LISTED),
      auditFindings: {
        critical: auditFindings.critical,
        warnings: auditFindings.warnings,
      },
    };
  }
}

function scopeOf(poisonOf: string[] | undefined): 'all' | 'own' | 'none' {
  if (!poisonOf) {
    return 'all';
  }
  return poisonOf.length > 0 ? 'own' : 'none';
}

function counted<T>(items: T[], limit: number) {
  return { items: items.slice(0, limit), total: items.length };
}

/** Most in need of a look first: not consumed, longest due, most staged. */
function pageOf(
  standings: EventTypeStanding[],
  { search, offset, limit }: OperationsQuery,
) {
  const wanted = search?.toLocaleLowerCase('en-US') ?? '';
  const matching = standings
    .filter(({ eventType }) => eventType.includes(wanted))
    .sort(
      (a, b) =>
        Number(isTaken(a)) - Number(isTaken(b)) ||
        (b.dueAgeMs ?? 0) - (a.dueAgeMs ?? 0) ||
        b.missingBatches - a.missingBatches ||
        b.staged - a.staged ||
        a.eventType.localeCompare(b.eventType),
    );
  return {
    items: matching.slice(offset, offset + limit),
    total: matching.length,
  };
}

function isTaken({ consumption }: EventTypeStanding): boolean {
  return consumption === 'consumed' || consumption === 'draining';
}
