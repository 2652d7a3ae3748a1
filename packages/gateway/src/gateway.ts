import {
  type ConfigListener,
  listenForConfig,
  readLedgerTime,
} from '@millrace/ledger';
import type { Knex } from 'knex';
import { uuidv7 } from 'uuidv7';
import { clientAddress, createAccess, DEFAULT_ACCESS_LIMITS } from './access';
import { createBorrowedRoutes } from './borrowed';
import {
  createReceiveClock,
  ReceiveClock,
  systemClock,
  withTimeout,
} from './clock';
import { createServiceRoutes, InFlightBytes, startHttpServer } from './http';
import {
  createTakeEvents,
  FairTurns,
  Intake,
  Pacer,
  receiveEvents,
  Recognizer,
} from './intake';
import {
  BucketBook,
  createGatewayLedger,
  Declarer,
  Loop,
  startLoop,
} from './lifecycle';
import { createGatewayMetrics } from './metrics';
import { DEFAULT_LIMITS, GatewayOptions } from './options';
import {
  createEventPublisher,
  createRefusedPublisher,
  PubSubBroker,
} from './publishing';
import { SnapshotStore } from './snapshot';

/**
 * A running gateway.
 *
 * @public
 */
export interface Gateway {
  port: number;
  /** Names this life of the gateway in batches and in the ledger. */
  epoch: string;
  /**
   * Takes no new connection, answers what it has, declares every bucket and
   * says goodbye to the ledger. What the ledger does not take in time, it finds
   * out by the lease that runs out.
   */
  stop(): Promise<void>;
}

const SNAPSHOT_POLL_MS = 1_000;
/**
 * While it listens. It may be deaf without knowing, and a key must be revoked
 * within 5 s all the same.
 */
const LISTENING_POLL_MS = 2_000;
const KEY_USE_MS = 2_000;
const HEARTBEAT_MS = 2_000;
const DECLARE_MS = 250;
const PROBE_MS = 2_000;
/** A gateway that has no ledger starts with the time it has. */
const FIRST_TIME_MS = 1_000;
const MAX_AHEAD_MS = 5_000;

/**
 * Starts the ingestion service.
 *
 * It listens at once. Until it has a config snapshot, from the ledger or from
 * the cache on disk, it answers `not_ready`. The ledger is never part of
 * accepting an event: it is asked and told things in the background only.
 *
 * @public
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { gatewayId, projectId, logger, clock = systemClock } = options;
  const host = options.host ?? '127.0.0.1';
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const epoch = uuidv7();
  const receiveClock = createReceiveClock(clock);
  if (options.ledger) {
    await setByLedger(receiveClock, options.ledger);
  }
  const startedAt = new Date(receiveClock.now());

  const broker = new PubSubBroker({
    projectId,
    timeoutMs: limits.publishTimeoutMs,
    clock: systemClock,
  });
  const book = new BucketBook(receiveClock, startedAt);
  const snapshots = new SnapshotStore({
    file: options.snapshotFile,
    logger,
    onAdopt: snapshot => book.setBucketSeconds(snapshot.bucketSeconds),
  });
  const inFlight = new InFlightBytes(limits);
  const metrics = createGatewayMetrics({
    generation: () => snapshots.current?.generation ?? 0,
    refusedSnapshots: () => snapshots.refused,
    inFlightBytes: () => inFlight.bytes,
    isBrokerOk: () => broker.health === 'ok',
    clockAheadMs: () => receiveClock.aheadMs,
  });
  const publishing = {
    gateway: gatewayId,
    epoch,
    broker,
    clock: systemClock,
    limits,
    logger,
    metrics,
  };
  const events = createEventPublisher({ ...publishing, book });
  const refusals = createRefusedPublisher(publishing);
  const accessLimits = { ...DEFAULT_ACCESS_LIMITS, ...options.accessLimits };
  const access = createAccess({
    snapshot: () => snapshots.current,
    // Not the one that stands still after the time was set back: no limit would
    // free anything until it has caught up.
    clock,
    limits: accessLimits,
  });
  const intake: Intake = {
    limits,
    access,
    snapshot: () => snapshots.current,
    isBrokerAway: () => broker.health === 'failing',
    stamp: () => book.stamp(),
    events,
    refusals,
    metrics,
    recognizer: new Recognizer(),
    pacer: new Pacer(),
    turns: new FairTurns(),
  };

  await snapshots.load();
  let isStopping = false;
  const server = await startHttpServer({
    host,
    port: options.port,
    limits,
    logger,
    routes: [
      {
        method: 'POST',
        path: '/v1/events',
        handle: request => receiveEvents(request, intake),
      },
      ...createBorrowedRoutes({
        access,
        takeEvents: createTakeEvents(intake),
        limits,
      }),
      ...createServiceRoutes({
        metrics,
        readiness: () => ({
          generation: snapshots.current?.generation,
          broker: broker.health,
          stopping: isStopping,
        }),
      }),
    ],
    addressOf: (peer, forwardedFor) =>
      clientAddress(peer, forwardedFor, accessLimits.trustedProxyHops),
    inFlight,
    onAnswer: metrics.request,
  });

  const ledger =
    options.ledger &&
    createGatewayLedger(
      options.ledger,
      {
        gateway: gatewayId,
        epoch,
        startedAt,
        url: `http://${host}:${server.port}`,
        pid: process.pid,
      },
      systemClock,
    );
  const declarer = ledger && new Declarer(book, ledger);
  const loop = (
    name: string,
    intervalMs: number | (() => number),
    run: () => Promise<void>,
  ) => startLoop({ name, intervalMs, run, clock: systemClock, logger });
  const loops: Loop[] = [
    loop('Asking the broker', PROBE_MS, () => broker.probe()),
  ];
  let isAhead = false;
  const warnOfClock = (aheadMs: number) => {
    const wasAhead = isAhead;
    isAhead = aheadMs > MAX_AHEAD_MS;
    if (isAhead && !wasAhead) {
      logger.warn(
        `Receive times are ${Math.round(
          aheadMs / 1000,
        )} s ahead of the ledger's clock and stand still until it has caught up. Set the time of this machine right; a restart then helps at once`,
      );
    }
  };
  let listener: ConfigListener | undefined;
  if (options.ledger && ledger && declarer) {
    const following = loop(
      'Reading the config snapshot',
      () => (listener?.isListening() ? LISTENING_POLL_MS : SNAPSHOT_POLL_MS),
      () => snapshots.refresh(ledger),
    );
    listener = listenForConfig(options.ledger, { onChange: following.wake });
    loops.push(
      following,
      loop('The heartbeat', HEARTBEAT_MS, async () => {
        const askedAt = receiveClock.steadyMs();
        const ledgerNow = await ledger.heartbeat(
          snapshots.current?.generation,
          snapshots.checkedAt,
        );
        const tookMs = receiveClock.steadyMs() - askedAt;
        receiveClock.compare(ledgerNow.getTime(), tookMs);
        warnOfClock(receiveClock.aheadMs);
      }),
      loop('Reporting the use of write keys', KEY_USE_MS, () =>
        access.report(uses => ledger.recordKeyUses(uses)),
      ),
      loop('Declaring buckets', DECLARE_MS, () => declarer.run()),
    );
  }
  logger.info(`Gateway ${gatewayId} listens on ${host}:${server.port}`);

  const stop = async () => {
    isStopping = true;
    // The heartbeat goes on: without it the lease could run out in the drain.
    await server.stop();
    // Before the flush: a request cut off half-way must not open a batch in a
    // bucket that is being declared.
    book.close();
    await Promise.all([events.flush(), refusals.flush()]);
    const farewell = async () => {
      await Promise.all([listener?.stop(), ...loops.map(each => each.stop())]);
      await declarer?.run();
      await ledger?.end(new Date(receiveClock.now()));
      await access.report(async uses => ledger?.recordKeyUses(uses));
    };
    try {
      const timeoutMs = limits.drainTimeoutMs;
      await withTimeout(systemClock, timeoutMs, 'The farewell', farewell());
    } catch (error) {
      logger.warn(`The ledger did not take the last declarations: ${error}`);
    }
    await broker.close();
    logger.info(`Gateway ${gatewayId} has stopped`);
  };

  let stopped: Promise<void> | undefined;
  return {
    port: server.port,
    epoch,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** So that a machine whose time is wrong does not begin with it. */
async function setByLedger(clock: ReceiveClock, ledger: Knex): Promise<void> {
  const askedAt = clock.steadyMs();
  try {
    const now = await withTimeout(
      systemClock,
      FIRST_TIME_MS,
      'The ledger',
      readLedgerTime(ledger),
    );
    clock.compare(now.getTime(), clock.steadyMs() - askedAt);
  } catch {
    // The heartbeat asks again.
  }
}
